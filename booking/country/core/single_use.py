"""Random values that one visit may bring back once: challenges of passkeys, the state of a sign-in elsewhere.

Redis keeps a mark of what is open or, where anybody can have a value made, of what is used up. It lies under a keyed
hash of value, session and purpose, so nobody can plant one by writing the store, and a value that was given to another
session is worth nothing.
"""

import secrets
from typing import Final

from booking.country.core import sessions
from booking.country.core.core import Core

_BYTES: Final = 32
_KEY: Final = "{mawid}:once:"


def issue(core: Core, purpose: str, token: str) -> bytes:
    """Return 32 random bytes that the session ``token`` can `redeem` within the lifetime of a one-time code.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    value = secrets.token_bytes(_BYTES)
    with sessions.answering_store():
        core.redis.set(_mark(core, purpose, token, value), b"1", ex=int(core.settings.otp_lifetime.total_seconds()))
    return value


def redeem(core: Core, purpose: str, token: str, value: bytes) -> bool:
    """Use a value up; of any number at once, exactly one gets True.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    with sessions.answering_store():
        return core.redis.delete(_mark(core, purpose, token, value)) == 1


def spend(core: Core, purpose: str, token: str, value: bytes) -> bool:
    """Use up a value that was not issued here, because the visitor's own sealed session kept it; True the first time.

    The mark stays as long as a one-time code lives: the caller knows that the value lives no longer.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    mark, seconds = _mark(core, purpose, token, value), int(core.settings.otp_lifetime.total_seconds())
    with sessions.answering_store():
        return bool(core.redis.set(mark, b"1", nx=True, ex=seconds))


def _mark(core: Core, purpose: str, token: str, value: bytes) -> str:
    return _KEY + core.vault.lookup_hash(f"{sessions.listed_as(token)}\0{value.hex()}", purpose).hex()
