"""The second factor of those who work with Mawid, and the codes for the day it is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base, Key


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
    """A code that signs in once without the authenticator; only its keyed hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]
