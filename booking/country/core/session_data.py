"""What a session holds, and how it is sealed: encrypted, and bound to the key that it is stored under."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag

from booking.platform.base.vault import Vault
from booking.platform.models.base import Json
from booking.platform.models.states import Door, Role

_TIMES: Final = ("created_at", "expires_at", "used_at", "proved_at")
_ACCOUNTS: Final = ("account_id", "proving")


@dataclass(frozen=True, slots=True)
class SessionData:
    """What is known of a visitor. ``account_id`` is None before signing in; then there are no roles.

    ``csrf`` is the token that each form of this session must bring back; ``form`` is the form in progress;
    ``proving`` is the account whose password was right and whose second step is still to come: it may do nothing yet.
    ``used_at`` is the last use, some minutes rough; ``device`` are words for its owner, such as "Firefox, Android".
    ``proved_at`` is when they last proved who they are: by signing in, or by the second step once more.
    """

    account_id: UUID | None
    csrf: str
    roles: frozenset[Role]
    language: str
    door: Door
    office_id: int | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime
    form: Json
    proving: UUID | None = None
    device: str = ""
    proved_at: datetime | None = None


_NAMES: Final = {field.name for field in fields(SessionData)}


def seal(vault: Vault, key: str, data: SessionData) -> bytes:
    """Encrypt a session for the place ``key``."""
    plain = asdict(data) | {"roles": sorted(data.roles)}
    plain |= {name: str(plain[name]) for name in _ACCOUNTS if plain[name] is not None}
    plain |= {name: plain[name].isoformat() for name in _TIMES if plain[name] is not None}
    return vault.encrypt(json.dumps(plain), key)


def open_sealed(vault: Vault, key: str, sealed: bytes | None, now: datetime) -> SessionData | None:
    """Decrypt what is stored at ``key``; None where nothing is, or what is over, planted or of another secret."""
    if sealed is None:
        return None
    try:
        plain = json.loads(vault.decrypt(sealed, key))
    except InvalidTag:
        return None
    if set(plain) != _NAMES:
        return None  # written by another version of Mawid: its owner signs in again
    plain |= {name: UUID(plain[name]) for name in _ACCOUNTS if plain[name] is not None}
    plain |= {name: datetime.fromisoformat(plain[name]) for name in _TIMES if plain[name] is not None}
    data = SessionData(**plain | {"roles": frozenset(map(Role, plain["roles"])), "door": Door(plain["door"])})
    # The store's own expiry only tidies up: the core's clock decides.
    return data if now < data.expires_at else None
