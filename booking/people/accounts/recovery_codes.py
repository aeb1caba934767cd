"""Recovery codes: made, kept by a slow hash, and used once instead of an authenticator or a passkey.

A code has 50 random bits, few enough to be typed from paper. So what is kept is argon2id of it, under a key that the
database does not have: who reads both has as many slow hashes before them as there are codes. All codes of an account
share a random salt, so that a typed one is hashed once, not once for each; the hashing is done outside of transactions.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base import typed_codes
from booking.platform.models import RecoveryCode

MANY: Final = 10
_SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Codes that nobody has seen yet, as they are shown, with what is kept of them."""

    shown: list[str]
    salt: bytes
    hashes: list[bytes]


def make(core: Core, account_id: UUID) -> NewCodes:
    """Make the codes of an account, which count once `keep` has them; raises BusyError when too many are hashed."""
    codes = [typed_codes.new_code() for _ in range(MANY)]
    salt = secrets.token_bytes(_SALT_BYTES)
    hashes = [_keyed(core, account_id, slow) for slow in core.passwords.derive(codes, salt)]
    return NewCodes(list(map(typed_codes.shown, codes)), salt, hashes)


def keep(session: Session, account_id: UUID, new: NewCodes) -> list[str]:
    """Keep new codes in the caller's transaction, in place of those before; return them as they are shown."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, code_hash=one, salt=new.salt) for one in new.hashes)
    return new.shown


def hashes_of(core: Core, account_id: UUID, code: str) -> list[bytes]:
    """Return what would be kept of a typed code, to look it up by; nothing is hashed for what is no such code.

    Raises
    ------
    BusyError
        Too many are hashed.
    """
    plain = typed_codes.as_kept(code)
    if len(plain) != typed_codes.LENGTH:
        return []
    unused = select(RecoveryCode.salt).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    with core.sessions() as session:
        salts = set(session.scalars(unused))
    return [
        core.vault.lookup_hash(plain, _about(account_id))  # of a code from before they were hashed slowly
        if salt is None
        else _keyed(core, account_id, core.passwords.derive([plain], salt)[0])
        for salt in salts
    ]


def spend(session: Session, account_id: UUID, hashes: list[bytes], now: datetime) -> bool:
    """Use up the code that has one of these hashes, in the caller's transaction; False where none is unused."""
    unused = update(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.code_hash.in_(hashes), RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused.values(used_at=now).returning(RecoveryCode.id)) is not None


def left(session: Session, account_id: UUID) -> int:
    """Count the codes that were not used."""
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalars(unused).one()


def _keyed(core: Core, account_id: UUID, slow: bytes) -> bytes:
    return core.vault.lookup_hash(slow.hex(), _about(account_id))


def _about(account_id: UUID) -> str:
    return f"recovery code of {account_id}"
