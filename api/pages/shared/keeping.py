"""What a phone may keep for when there is no network: which pages and for how long, and what is typed."""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from api.deps import SignedIn
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.session_data import SessionData

KEEP_HEADER: Final = "X-Mawid-Keep"
PLAN_KEPT_FOR: Final = timedelta(days=7)
TYPED_FORMS: Final = re.compile(
    r"/((ask|abroad)(/[a-z]+)?|online/cases/[^/]+/questions/[^/]+|requests/[^/]+/(urgent|appeal))"
)
"""The forms of citizens for which a phone keeps what is typed until it is sent; `keeper.js` knows the same."""


def end_of_day(instant: datetime, zone: str) -> datetime:
    """Return when the local day of an instant is over, in UTC."""
    local = instant.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time_of_day(), local.tzinfo).astimezone(UTC)


def let_keep(response: Response, account: SignedIn, left: timedelta) -> None:
    """Allow the browser of a citizen to keep a page that came well; staff sit at computers of others.

    It gets a length of time, not an instant: clocks of phones are often wrong.
    """
    seconds = int(left.total_seconds())
    if response.status_code == 200 and seconds > 0 and not is_staff(account.session.roles):  # noqa: PLR2004
        response.headers[KEEP_HEADER] = str(seconds)


def typing_key(core: Core, session: SessionData | None, path: str) -> str:
    """Return the key by which the browser of a citizen seals what they type in this form; "" where it keeps nothing.

    It is the same for each session of an account and for no other account, and is kept nowhere.
    """
    if session is None or session.account_id is None or is_staff(session.roles) or not TYPED_FORMS.fullmatch(path):
        return ""
    return b64encode(core.vault.key(f"typed on a phone/{session.account_id}")).decode()
