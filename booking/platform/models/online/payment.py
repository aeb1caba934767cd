"""Payments of cases, and everything that a provider reported about them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.online.online import OnlineCase
from booking.platform.models.online.payment_states import PAYMENT_MOVES, EventKind, Outcome, PaymentState
from booking.platform.models.states import checked_move

LIVE: Final = text("state IN ('created', 'paid')")
"""The condition of the one payment of a case that is open or paid, as its index has it."""


class Payment(Base):
    """A payment of one case, in whole units of a currency. Life cycle: `PAYMENT_MOVES`.

    ``reference`` is the provider's name for it. A case has at most one that is open or paid.
    """

    __tablename__ = "payment"
    __table_args__ = (
        Index("uq_payment_live", "case_id", unique=True, postgresql_where=LIVE),
        Index("ix_payment_refund", "created_at", postgresql_where=text("state = 'refund_due'")),
        Index("ix_payment_case_id", "case_id"),
        UniqueConstraint("provider", "reference", name="uq_payment_provider"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[Key]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("online_case.id"))
    provider: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(2000))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[PaymentState] = mapped_column(Word(PaymentState))
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    refunded_at: Mapped[datetime | None]

    case: Mapped[OnlineCase] = relationship()

    def move_to(self, state: PaymentState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(PAYMENT_MOVES, self.state, state)


class PaymentEvent(Base):
    """Something that a provider reported, once: an event that comes again finds its row. Forged ones leave none."""

    __tablename__ = "payment_event"
    __table_args__ = (UniqueConstraint("provider", "event_id", name="uq_payment_event_provider"),)

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[str] = mapped_column(String(200))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome))
    received_at: Mapped[datetime]
