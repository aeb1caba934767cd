"""The second factor of those who work with Mawid, and the codes for the day it is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, LargeBinary, String, exists, or_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from booking.platform.models.base import Base, Key


class SecondFactor(Base):
    """An account's authenticator (TOTP). The secret is encrypted; ``last_step`` is the newest time step accepted.

    Steps only grow, so a code counts once.
    """

    __tablename__ = "second_factor"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that signs in once without the authenticator; only its slow and keyed hash is kept.

    The codes of an account share a ``salt``; those without one are from before, hashed with the key alone.
    """

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key pair that an authenticator keeps for an account (WebAuthn); the public half is here.

    ``sign_count`` is the newest counter that it sent; some never count. It may not fall behind: since ``copied_at``,
    when it did, nothing that the key signs is believed. ``name`` is its owner's word for the device.
    """

    __tablename__ = "passkey"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    copied_at: Mapped[datetime | None]


def has_any(account_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition that an account has an authenticator or a passkey, even one no longer trusted."""
    return or_(exists().where(SecondFactor.account_id == account_id), exists().where(Passkey.account_id == account_id))
