"""Payments of cases, and verifiable credentials that were issued."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.platform.models.base import Base, Key, Word
from booking.platform.models.online.case import OnlineCase
from booking.platform.models.states import checked_move


class PaymentState(StrEnum):
    """Where a payment stands."""

    CREATED = "created"
    PAID = "paid"
    DROPPED = "dropped"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


_P = PaymentState
PAYMENT_MOVES: Final[Mapping[PaymentState, frozenset[PaymentState]]] = {
    _P.CREATED: frozenset({_P.PAID, _P.DROPPED}),
    _P.PAID: frozenset({_P.REFUND_DUE}),
    _P.DROPPED: frozenset({_P.REFUND_DUE}),  # the money came after all
    _P.REFUND_DUE: frozenset({_P.REFUNDED}),
}


class EventKind(StrEnum):
    """What a provider reports about a payment."""

    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class Outcome(StrEnum):
    """What came of an event; all but the first changed nothing."""

    APPLIED = "applied"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out_of_order"
    WRONG_AMOUNT = "wrong_amount"
    UNKNOWN_PAYMENT = "unknown_payment"


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


_OF_ONE = "num_nonnulls(result_id, appointment_id) = 1"


class IssuedCredential(Base):
    """A place in a status list that a credential names, and the result or appointment whose end ends it.

    Both numbers are drawn at random, so that no place says when a credential was issued, or after which. Each download
    gets a place of its own, and two of them have nothing in common; from a certain number on, the place of a result
    that was given out longest ago is given out again (``issued_at`` moves). ``ended_at`` is when its owner ended it.
    """

    __tablename__ = "issued_credential"
    __table_args__ = (
        CheckConstraint("list >= 0 AND position >= 0", name="place"),
        CheckConstraint(_OF_ONE, name="of_one"),
        Index("ix_issued_credential_result_id", "result_id"),
        Index("ix_issued_credential_appointment_id", "appointment_id"),
    )

    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("issued_result.id"))
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CredentialOffer(Base):
    """What a wallet may fetch once (OpenID4VCI, pre-authorised code): the newest offer of a result or an appointment.

    ``code_hash`` finds it until the code is used; each try of its transaction code takes one of ``tries_left``. The
    right one gives ``token_hash``, by which it is found once more, until ``ends_at``; then the row goes. ``whole`` says
    whether the wallet gets all that there is, or what names nobody.
    """

    __tablename__ = "credential_offer"
    __table_args__ = (
        CheckConstraint(_OF_ONE, name="of_one"),
        CheckConstraint("tries_left >= 0", name="tries"),
        Index("ix_credential_offer_account_id", "account_id"),
        Index("ix_credential_offer_ends_at", "ends_at"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("issued_result.id"), unique=True)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"), unique=True)
    whole: Mapped[bool] = mapped_column(Boolean)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    transaction_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries_left: Mapped[int] = mapped_column(SmallInteger)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    ends_at: Mapped[datetime]
