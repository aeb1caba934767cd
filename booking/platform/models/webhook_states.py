"""The life of a subscription to events and of each delivery; a state without a row is final."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SubscriptionState(StrEnum):
    """Where a subscription stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    PAUSED = "paused"
    REFUSED = "refused"
    ENDED = "ended"


_S = SubscriptionState
SUBSCRIPTION_MOVES: Final[Mapping[SubscriptionState, frozenset[SubscriptionState]]] = {
    _S.PROPOSED: frozenset({_S.ACTIVE, _S.REFUSED}),
    _S.ACTIVE: frozenset({_S.PAUSED, _S.ENDED}),
    _S.PAUSED: frozenset({_S.ACTIVE, _S.ENDED}),
}
"""While ``PAUSED`` events are kept for it, as long as events are kept at all; nothing is sent."""

LISTENING: Final = frozenset({_S.ACTIVE, _S.PAUSED})
"""Events are recorded for it."""


class PauseReason(StrEnum):
    """Why nothing is sent to a receiver."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"
    """It answered 410: it wants no more."""


class DeliveryState(StrEnum):
    """Where an event stands on its way to one receiver."""

    WAITING = "waiting"
    TAKEN = "taken"
    GIVEN_UP = "given_up"


class Answer(StrEnum):
    """What came of one try."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It answered, and not with 2xx; a redirect too, for nobody is followed."""
    BUSY = "busy"
    """It answered 429, 502, 503 or 504: not now, whatever is sent."""
    GONE = "gone"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CERTIFICATE = "certificate"
    """Its certificate is not one for its name that we trust."""
    INSIDE = "inside"
    """Its name leads to an address that is not of the public network, nor of one that the settings allow."""
