"""Copies of what is kept about an account, made for its owner."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key


class AccountCopy(Base):
    """One copy: asked for, made by a job, fetched once by the account's owner, removed.

    Its ``size`` bytes lie encrypted in ``parts`` files of the evidence folder. ``removed_at``: they are gone, and
    another copy can be asked for; an account has one at a time (partial unique index).
    """

    __tablename__ = "account_copy"
    __table_args__ = (
        Index("uq_account_copy_kept", "account_id", unique=True, postgresql_where=text("removed_at IS NULL")),
        CheckConstraint("(made_at IS NULL) = (parts = 0) AND parts >= 0 AND size >= 0", name="made"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    language: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    parts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    size: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    fetched_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
