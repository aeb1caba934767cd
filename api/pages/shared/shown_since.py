"""Since when a form is shown, as the form itself brings back: sealed, so that nobody can claim another time."""

import hmac
from typing import Final
from uuid import UUID

from booking.country.core.core import Core

_ABOUT: Final = "form shown since"
_LONGEST: Final = 12


def shown_since(core: Core, account_id: UUID, before: str = "") -> str:
    """Return what the form brings back; ``before`` is what it brought last time, kept where it is ours."""
    if _read(core, account_id, before) is not None:
        return before
    now = str(int(core.clock.now().timestamp()))
    return f"{now}.{_seal(core, account_id, now)}"


def seconds_open(core: Core, account_id: UUID, brought: str) -> float:
    """Return for how long a form was open; 0 where what it brought is not ours, or of another account."""
    since = _read(core, account_id, brought)
    return max(0.0, core.clock.now().timestamp() - since) if since is not None else 0.0


def _read(core: Core, account_id: UUID, brought: str) -> int | None:
    instant, _, seal = brought.partition(".")
    ours = hmac.compare_digest(seal.encode(), _seal(core, account_id, instant).encode())
    return int(instant) if ours and instant.isascii() and instant.isdecimal() and len(instant) <= _LONGEST else None


def _seal(core: Core, account_id: UUID, instant: str) -> str:
    return core.vault.lookup_hash(f"{account_id}\0{instant}", _ABOUT).hex()
