"""The life of a payment, and what came of each thing that a provider reported."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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
