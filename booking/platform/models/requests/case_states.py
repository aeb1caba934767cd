"""The life of review cases: what is asked, where a case stands, which answers it has."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class CaseKind(StrEnum):
    """What an officer is asked in a review case."""

    SAME_PERSON = "same_person"
    RING = "ring"
    APPROVALS = "approvals"
    EVIDENCE = "evidence"
    LINKED = "linked"


WATCH_KINDS: Final = (CaseKind.APPROVALS, CaseKind.EVIDENCE, CaseKind.LINKED)
"""Questions about how urgent cases are approved: for those who watch approvals, but not for the officers concerned."""


class CaseState(StrEnum):
    """Where a review case stands."""

    OPEN = "open"
    DECIDED = "decided"
    MERGED = "merged"


CASE_MOVES: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    CaseState.OPEN: frozenset({CaseState.DECIDED, CaseState.MERGED}),
}
"""Two open cases whose rings turn out to be one are merged: the older goes on."""


class CaseDecision(StrEnum):
    """What an officer answered in a review case."""

    SAME = "same"
    DIFFERENT = "different"
    RESELLING = "reselling"
    HONEST = "honest"
    EXPLAINED = "explained"
    FOLLOW_UP = "follow_up"


CASE_DECISIONS: Final[Mapping[CaseKind, frozenset[CaseDecision]]] = {
    CaseKind.SAME_PERSON: frozenset({CaseDecision.SAME, CaseDecision.DIFFERENT}),
    CaseKind.RING: frozenset({CaseDecision.RESELLING, CaseDecision.HONEST}),
    **dict.fromkeys(WATCH_KINDS, frozenset({CaseDecision.EXPLAINED, CaseDecision.FOLLOW_UP})),
}
"""The answers that each kind of case has."""
