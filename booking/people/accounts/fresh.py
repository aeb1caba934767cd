"""How long a proof of the owner counts: an open page alone must not be enough for a change of how they sign in."""

from datetime import timedelta
from typing import Final

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.session_data import SessionData
from booking.people.accounts.errors import SignInAgainError

FRESH: Final = timedelta(minutes=15)
"""How old a proof may be; signing in is one, and so is `prove_owner.prove_again`."""


def is_fresh(core: Core, data: SessionData | None) -> bool:
    """Return whether the owner of a session proved lately who they are."""
    return data is not None and data.proved_at is not None and core.clock.now() - data.proved_at < FRESH


def require_fresh(core: Core, token: str) -> SessionData:
    """Return the session ``token``, whose owner proved lately who they are.

    Raises
    ------
    SignInAgainError
        The proof is older than `FRESH`, or the session is over.
    SessionsUnavailableError
        The session store does not answer.
    """
    data = sessions.read(core, token)
    if data is None or not is_fresh(core, data):
        raise SignInAgainError
    return data
