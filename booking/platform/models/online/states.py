"""The life of what is asked for online: each table of moves is the documentation; a state without a row is final."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class OnlineState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_PAPERS = "awaiting_papers"
    SUBMITTED = "submitted"
    ASSIGNED = "assigned"
    NEEDS_MORE = "needs_more"
    APPROVED = "approved"
    ISSUED = "issued"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


_S = OnlineState
_LEFT: Final = frozenset({_S.WITHDRAWN, _S.LAPSED})
ONLINE_MOVES: Final[Mapping[OnlineState, frozenset[OnlineState]]] = {
    _S.DRAFT: frozenset({_S.AWAITING_PAYMENT, _S.AWAITING_PAPERS, _S.SUBMITTED}) | _LEFT,
    _S.AWAITING_PAYMENT: frozenset({_S.AWAITING_PAPERS, _S.SUBMITTED}) | _LEFT,
    _S.AWAITING_PAPERS: frozenset({_S.SUBMITTED}) | _LEFT,
    _S.SUBMITTED: frozenset({_S.ASSIGNED, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN}),
    _S.ASSIGNED: frozenset({_S.SUBMITTED, _S.NEEDS_MORE, _S.APPROVED, _S.REFUSED}),
    _S.NEEDS_MORE: frozenset({_S.AWAITING_PAPERS, _S.SUBMITTED}) | _LEFT,
    _S.APPROVED: frozenset({_S.ISSUED, _S.REFUSED, _S.SUBMITTED}),  # back: its officer left
    _S.ISSUED: frozenset({_S.REVOKED, _S.EXPIRED}),
}
"""From ``SUBMITTED`` straight to a decision goes only what a service's file lets be issued at once."""

IN_OWN_HANDS: Final = frozenset({_S.DRAFT, _S.NEEDS_MORE})
"""The person can change answers and papers."""

WITH_AGENCY: Final = frozenset({_S.SUBMITTED, _S.ASSIGNED, _S.APPROVED})
"""In the agency's queue."""

RUNNING: Final = frozenset({_S.AWAITING_PAYMENT, _S.AWAITING_PAPERS, _S.NEEDS_MORE}) | WITH_AGENCY
"""Sent and not over: of one service, a person has one such case for one thing."""


class OnlineAct(StrEnum):
    """What an officer did with a case."""

    APPROVAL = "approval"
    REFUSAL = "refusal"
    MORE_ASKED = "more_asked"
    ISSUING = "issuing"
    REVOCATION = "revocation"


class PaperWay(StrEnum):
    """How original papers reach the consulate."""

    VISIT = "visit"
    POST = "post"


class OriginalsState(StrEnum):
    """Where the originals of a case are."""

    CHOSEN = "chosen"
    AWAITED = "awaited"
    ARRIVED = "arrived"
    GIVEN_UP = "given_up"
    SENT_BACK = "sent_back"


_O = OriginalsState
ORIGINALS_MOVES: Final[Mapping[OriginalsState, frozenset[OriginalsState]]] = {
    _O.CHOSEN: frozenset({_O.AWAITED}),
    _O.AWAITED: frozenset({_O.ARRIVED, _O.GIVEN_UP}),
    _O.ARRIVED: frozenset({_O.AWAITED, _O.SENT_BACK}),  # an officer asked for one more original
    _O.GIVEN_UP: frozenset({_O.SENT_BACK}),  # they came too late, or after the case was taken back
}
"""Only what is sent by post moves; what is brought to a visit stays ``CHOSEN``."""
