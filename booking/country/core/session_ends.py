"""When all sessions of an account were last ended, for what somebody showed without a session: a call, a text message.

A session is on its account's list and ends with it. Whoever proves by telephone who they are has none, so what they
showed is bound to the mark that stood here before they did: as soon as another one stands here, it is over.
"""

import secrets
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from booking.country.core.core import Core

KEPT: Final = timedelta(hours=2)
"""Longer than anything lasts that is bound to a mark."""


def mark_end(core: Core, account_id: UUID) -> None:
    """End what was shown for an account until now.

    Every call here raises what the store does; see `booking.country.core.sessions.answering_store`.
    """
    core.redis.set(_key(account_id), secrets.token_hex(16), ex=KEPT)


def last_end(core: Core, account_id: UUID) -> str:
    """Return the mark to which something shown from now on is bound; "" where there is none."""
    found = cast("bytes | None", core.redis.get(_key(account_id)))
    return "" if found is None else found.decode()


def is_over(core: Core, account_id: UUID, mark: str) -> bool:
    """Return whether all of an account was ended since ``mark`` was its last end, at most `KEPT` ago."""
    return last_end(core, account_id) not in {"", mark}


def _key(account_id: UUID) -> str:
    return f"{{mawid}}:ended:{account_id}"
