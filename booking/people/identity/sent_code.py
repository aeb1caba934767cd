"""What a code that the register sent is checked with: kept for as long as a one-time code lives, and used up once."""

from typing import Final, cast

from booking.country.core import sessions
from booking.country.core.core import Core

_KEY: Final = "{mawid}:register-code:"
_ABOUT: Final = "register code"


def keep(core: Core, member_id: int, handle: str | None) -> None:
    """Keep the register's handle for a member in place of the one before; none where nothing was sent."""
    with sessions.answering_store():
        if handle is None:
            core.redis.delete(_key(core, member_id))
            return
        sealed = core.vault.encrypt(handle, f"{_ABOUT} {member_id}")
        core.redis.set(_key(core, member_id), sealed, ex=int(core.settings.otp_lifetime.total_seconds()))


def find(core: Core, member_id: int) -> str | None:
    """Return the handle that is kept for a member; None where none is, or no longer."""
    with sessions.answering_store():
        sealed = cast("bytes | None", core.redis.get(_key(core, member_id)))
    return None if sealed is None else core.vault.decrypt(sealed, f"{_ABOUT} {member_id}")


def use_up(core: Core, member_id: int, handle: str) -> bool:
    """Forget a handle; of any number who do it at once, exactly one gets True."""
    if find(core, member_id) != handle:
        return False
    with sessions.answering_store():
        return core.redis.delete(_key(core, member_id)) == 1


def _key(core: Core, member_id: int) -> str:
    return _KEY + core.vault.lookup_hash(str(member_id), _ABOUT).hex()
