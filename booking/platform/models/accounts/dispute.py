"""Questions whether an account may act for a person, and how a counter answered them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Key, Word


class DisputeOutcome(StrEnum):
    """How a counter answered, with the person standing there."""

    SEEN = "seen"
    """The person wants this account to act for them, and stood there with it."""
    ENDED = "ended"
    """It does not act for them any more."""
    KEPT = "kept"
    """It was asked about, and goes on acting for them."""


class Dispute(Base):
    """Whether ``account_id`` may act for a person: asked on a page by ``opened_by``, or only at the counter (empty).

    Open until ``decided_by``, an officer of ``office_id``, answers it; it changes nothing before that. One account asks
    once about another one. What a counter does unasked is kept as a row that is answered from the first, so that the
    database refuses officers in their own case here too.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "uq_dispute_open",
            "person_id",
            "account_id",
            "opened_by",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (office_id IS NULL)"
            " AND (decided_at IS NULL) = (outcome IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint("opened_by IS NOT NULL OR decided_at IS NOT NULL", name="asked_or_answered"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[DisputeOutcome | None] = mapped_column(Word(DisputeOutcome))
