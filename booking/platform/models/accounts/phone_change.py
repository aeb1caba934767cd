"""Changes of an account's phone, and second factors that their owner lost: what waits before it holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key


class PhoneChange(Base):
    """A change of an account's phone; at most one of an account is open, neither done nor stopped.

    ``old_hash`` finds what the phone before did, for as long as the account is kept: its limits hold for the account on
    (`booking.people.accounts.phones`), the gate counts its history, and officers' own cases are seen by it.
    ``holds_at`` is when the change holds without the old phone, where its owner asked for that; until then whoever has
    the code of ``stop_hash``, which went to the old phone, can stop it.
    """

    __tablename__ = "phone_change"
    __table_args__ = (
        Index(
            "uq_phone_change_open",
            "account_id",
            unique=True,
            postgresql_where=text("done_at IS NULL AND stopped_at IS NULL"),
        ),
        Index("ix_phone_change_account_id", "account_id"),
        Index("uq_phone_change_stop_hash", "stop_hash", unique=True),
        Index("ix_phone_change_old_hash", "old_hash", postgresql_where=text("done_at IS NOT NULL")),
        CheckConstraint("done_at IS NULL OR stopped_at IS NULL", name="one_end"),
        CheckConstraint("(holds_at IS NULL) = (stop_hash IS NULL)", name="can_be_stopped"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    old_hash: Mapped[bytes] = mapped_column(LargeBinary)
    new_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    new_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    holds_at: Mapped[datetime | None]
    stop_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class LostFactor(Base):
    """An account whose owner said that the second factor is lost; from ``holds_at`` on it can be forgotten.

    ``decided_by`` is the officer who compared ``person_id``, its owner, with a document; then a job forgets the factor,
    and until ``holds_at`` whoever has the code of ``stop_hash``, which went to the phone, can stop it.
    """

    __tablename__ = "lost_factor"
    __table_args__ = (
        UniqueConstraint("stop_hash"),
        CheckConstraint(
            "(decided_by IS NULL) = (person_id IS NULL) AND (decided_by IS NULL) = (stop_hash IS NULL)",
            name="decided_whole",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    created_at: Mapped[datetime]
    holds_at: Mapped[datetime]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    stop_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
