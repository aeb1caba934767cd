"""Whether phones are connected: when the last call came by each way. Of nobody's call in particular."""

from datetime import UTC, datetime, timedelta
from typing import Final

from booking.country.core.core import Core
from booking.country.core.security import By
from booking.country.core.sessions import answering_store

REMEMBERED: Final = timedelta(days=30)
WAYS: Final = (By.USSD, By.VOICE, By.SMS)


def note_call(core: Core, by: By) -> None:
    """Note that a call came; raises SessionsUnavailableError."""
    with answering_store():
        core.redis.set(_key(by), str(core.clock.now().timestamp()), ex=REMEMBERED)


def last_calls(core: Core) -> dict[By, datetime]:
    """Return when the last call came by each way, in UTC; none within a month: the way is not in it.

    Raises
    ------
    SessionsUnavailableError
        The store does not answer.
    """
    with answering_store():
        found = [(by, core.redis.get(_key(by))) for by in WAYS]
    return {by: datetime.fromtimestamp(float(at), UTC) for by, at in found if at is not None}


def _key(by: By) -> str:
    return f"{{mawid}}:last-call:{by.value}"
