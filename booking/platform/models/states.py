"""Life cycles: each table of moves is the documentation; a state without a row is final."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from booking.platform.base.errors import IllegalMoveError

State = TypeVar("State", bound=StrEnum)


class RequestState(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    CHALLENGED = "challenged"
    UNDER_REVIEW = "under_review"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CARRIED_OVER = "carried_over"
    DRAWN = "drawn"
    HELD = "held"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


_S = RequestState
REQUEST_MOVES: Final[Mapping[RequestState, frozenset[RequestState]]] = {
    _S.SUBMITTED: frozenset({_S.CHALLENGED, _S.UNDER_REVIEW, _S.ACCEPTED, _S.REFUSED, _S.HELD}),
    _S.CHALLENGED: frozenset({_S.ACCEPTED, _S.HELD, _S.UNDER_REVIEW, _S.WITHDRAWN, _S.LAPSED}),
    _S.UNDER_REVIEW: frozenset({_S.ACCEPTED, _S.CHALLENGED, _S.REFUSED, _S.WITHDRAWN, _S.LAPSED}),
    _S.ACCEPTED: frozenset({_S.DRAWN, _S.CARRIED_OVER, _S.WITHDRAWN, _S.LAPSED, _S.CHALLENGED, _S.UNDER_REVIEW}),
    _S.CARRIED_OVER: frozenset({_S.DRAWN, _S.WITHDRAWN, _S.LAPSED, _S.CHALLENGED, _S.UNDER_REVIEW}),
    _S.HELD: frozenset({_S.DRAWN, _S.WITHDRAWN, _S.LAPSED}),
    _S.DRAWN: frozenset({_S.COMPLETED, _S.WITHDRAWN, _S.LAPSED, _S.ACCEPTED, _S.CARRIED_OVER}),
    _S.REFUSED: frozenset({_S.UNDER_REVIEW}),  # only by an appeal
}
"""``HELD`` is an instant booking waiting for its confirmation; ``DRAWN`` means that an appointment exists.

Back to a check or a review leads only an edit that the gate would have met so when it was asked for.
From ``CHALLENGED`` to ``HELD`` leads the check of an instant booking, whose place is kept meanwhile. From ``DRAWN``
back into the draw leads only the end of an urgent approval that is undone or revoked.
"""

HOLDS: Final = frozenset({_S.HELD, _S.CHALLENGED})
"""A live appointment of a request of these states is an instant hold: a place that nobody was given yet."""

LIVE_REQUEST_STATES: Final = frozenset(
    {_S.SUBMITTED, _S.CHALLENGED, _S.UNDER_REVIEW, _S.ACCEPTED, _S.CARRIED_OVER, _S.HELD, _S.DRAWN}
)
"""A person in a request of these states may not be in another one for the same service group."""

WAITING_FOR_DRAW: Final = frozenset({_S.ACCEPTED, _S.CARRIED_OVER})


class AppointmentState(StrEnum):
    """Where an appointment stands."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    SERVED = "served"
    UNSERVED = "unserved"
    NO_SHOW = "no_show"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


_A = AppointmentState
APPOINTMENT_MOVES: Final[Mapping[AppointmentState, frozenset[AppointmentState]]] = {
    _A.OFFERED: frozenset({_A.CONFIRMED, _A.LAPSED, _A.CANCELLED}),
    _A.CONFIRMED: frozenset({_A.CHECKED_IN, _A.CANCELLED, _A.NO_SHOW}),
    _A.CHECKED_IN: frozenset({_A.SERVED, _A.UNSERVED, _A.CONFIRMED}),  # back: other people stood there
}
"""``UNSERVED``: they came and the office did not serve them. That is never counted against them."""
CORRECTIONS: Final[Mapping[AppointmentState, AppointmentState]] = {_A.NO_SHOW: _A.SERVED, _A.SERVED: _A.NO_SHOW}
"""What a supervisor may put right afterwards; it is kept beside what was known before, never in its place."""
LIVE_APPOINTMENT_STATES: Final = frozenset({_A.OFFERED, _A.CONFIRMED, _A.CHECKED_IN})


class UrgentState(StrEnum):
    """Where an urgent case stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSIGNED = "assigned"
    NEEDS_SECOND = "needs_second"
    NEEDS_EVIDENCE = "needs_evidence"
    APPROVED = "approved"
    DENIED = "denied"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


_U = UrgentState
_ENDS_WITHOUT_OFFICER: Final = frozenset({_U.WITHDRAWN, _U.LAPSED})
URGENT_MOVES: Final[Mapping[UrgentState, frozenset[UrgentState]]] = {
    _U.DRAFT: frozenset({_U.SUBMITTED}) | _ENDS_WITHOUT_OFFICER,
    _U.SUBMITTED: frozenset({_U.ASSIGNED}) | _ENDS_WITHOUT_OFFICER,
    _U.ASSIGNED: frozenset({_U.SUBMITTED, _U.NEEDS_SECOND, _U.NEEDS_EVIDENCE, _U.APPROVED, _U.DENIED})
    | _ENDS_WITHOUT_OFFICER,
    _U.NEEDS_SECOND: frozenset({_U.APPROVED, _U.SUBMITTED, _U.DENIED, _U.ASSIGNED}) | _ENDS_WITHOUT_OFFICER,
    _U.NEEDS_EVIDENCE: frozenset({_U.SUBMITTED, _U.ASSIGNED}) | _ENDS_WITHOUT_OFFICER,
    _U.APPROVED: frozenset({_U.REVOKED, _U.ASSIGNED, _U.NEEDS_SECOND, _U.WITHDRAWN}),
    _U.DENIED: frozenset({_U.ASSIGNED}),
}
"""From a decision back to ``ASSIGNED`` (or ``NEEDS_SECOND``) leads only its undoing, in the time that policy gives."""

WITH_OFFICERS: Final = frozenset({_U.SUBMITTED, _U.ASSIGNED, _U.NEEDS_SECOND})
OPEN_URGENT_STATES: Final = WITH_OFFICERS | {_U.DRAFT, _U.NEEDS_EVIDENCE}
TAKES_EVIDENCE: Final = frozenset({_U.DRAFT, _U.NEEDS_EVIDENCE})
"""The case is in its owner's hands."""

LIVE_URGENT_STATES: Final = OPEN_URGENT_STATES | {_U.APPROVED}
"""A request has at most one urgent case of these states."""


class UrgentAct(StrEnum):
    """What an officer did with an urgent case; ``APPROVAL`` is what an urgent appointment needs."""

    APPROVAL = "approval"
    DENIAL = "denial"
    EVIDENCE_ASKED = "evidence_asked"
    REFERRAL = "referral"
    DISAGREEMENT = "disagreement"
    UNDOING = "undoing"
    REVOCATION = "revocation"


class WalkInState(StrEnum):
    """Where someone without an appointment stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    GONE = "gone"
    LAPSED = "lapsed"


WALK_IN_MOVES: Final[Mapping[WalkInState, frozenset[WalkInState]]] = {
    WalkInState.WAITING: frozenset({WalkInState.CALLED, WalkInState.GONE, WalkInState.LAPSED}),
    WalkInState.CALLED: frozenset({WalkInState.SERVED, WalkInState.GONE, WalkInState.LAPSED}),
}
"""``LAPSED``: the day ended before the person was called, or before anybody said what came of it."""


class ClosureState(StrEnum):
    """Where the closing of an office-day stands."""

    ASKED = "asked"
    PLANNED = "planned"
    APPLIED = "applied"
    DROPPED = "dropped"


CLOSURE_MOVES: Final[Mapping[ClosureState, frozenset[ClosureState]]] = {
    ClosureState.ASKED: frozenset({ClosureState.PLANNED, ClosureState.DROPPED}),
    ClosureState.PLANNED: frozenset({ClosureState.ASKED, ClosureState.APPLIED, ClosureState.DROPPED}),
}


class DrawState(StrEnum):
    """Where a draw stands."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    DRAWN = "drawn"
    PUBLISHED = "published"
    ABANDONED = "abandoned"
    """An administrator gave it up before there was a result; nobody lost a turn by it."""


_D = DrawState
DRAW_MOVES: Final[Mapping[DrawState, frozenset[DrawState]]] = {
    _D.ANNOUNCED: frozenset({_D.OPEN, _D.ABANDONED}),
    _D.OPEN: frozenset({_D.CLOSED, _D.ABANDONED}),
    _D.CLOSED: frozenset({_D.DRAWN, _D.ABANDONED}),
    _D.DRAWN: frozenset({_D.PUBLISHED}),
}


class AppealState(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """Its request ended before anybody answered: it was withdrawn, its account was closed, or it lapsed."""


class VersionState(StrEnum):
    """Where a version of a policy stands."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"


_V = VersionState
_LATER: Final = {_V.ACTIVE: frozenset({_V.RETIRED}), _V.RETIRED: frozenset({_V.ACTIVE})}
RULES_MOVES: Final[Mapping[VersionState, frozenset[VersionState]]] = {
    _V.DRAFT: frozenset({_V.SHADOW, _V.ACTIVE, _V.RETIRED}),
    _V.SHADOW: frozenset({_V.ACTIVE, _V.RETIRED}),
    **_LATER,
}
DIRECT_MOVES: Final[Mapping[VersionState, frozenset[VersionState]]] = {
    _V.DRAFT: frozenset({_V.ACTIVE, _V.RETIRED}),
    **_LATER,
}
MODEL_MOVES: Final[Mapping[VersionState, frozenset[VersionState]]] = {
    _V.DRAFT: frozenset({_V.SHADOW, _V.RETIRED}),
    _V.SHADOW: frozenset({_V.ACTIVE, _V.RETIRED}),
    **_LATER,
}
"""A retired version comes back by a rollback. The gate's model is seen in shadow before it decides; rules can be; the
quotas and a no-show model are not, and move directly."""


class LabelKind(StrEnum):
    """How it became known what a request was."""

    REVIEW = "review"
    APPEAL = "appeal"
    ATTENDANCE = "attendance"
    RESELLING = "reselling"


class Pool(StrEnum):
    """A share of a slot's capacity."""

    DRAW = "draw"
    INSTANT = "instant"
    URGENT = "urgent"
    ACCESSIBLE = "accessible"
    WALK_IN = "walk_in"


class Role(StrEnum):
    """Whose work an account does; `core.permissions` says what each may. An officer is the clerk of an office.

    A helper is a registered shop or organisation (`booking.desk.helpers`): it signs in as staff does, but is not staff.
    """

    CITIZEN = "citizen"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    CASEWORKER = "caseworker"
    CASE_SUPERVISOR = "case_supervisor"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    HELPER = "helper"


class Door(StrEnum):
    """The portal a request came through: offices at home, or consulates."""

    HOME = "home"
    ABROAD = "abroad"


def checked_move(moves: Mapping[State, frozenset[State]], now: State, to: State) -> State:
    """Return ``to`` if the table allows the move; raise IllegalMoveError otherwise."""
    if to not in moves.get(now, frozenset()):
        raise IllegalMoveError(now, to)
    return to
