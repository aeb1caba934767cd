"""Life cycles of helpers and of the consent that people give them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class HelperState(StrEnum):
    """Whether a helper may help now."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


HELPER_MOVES: Final[Mapping[HelperState, frozenset[HelperState]]] = {
    HelperState.ACTIVE: frozenset({HelperState.SUSPENDED}),
    HelperState.SUSPENDED: frozenset({HelperState.ACTIVE}),
}


class ConsentState(StrEnum):
    """Where a person's consent to be helped stands."""

    ASKED = "asked"
    GIVEN = "given"
    USED = "used"
    WITHDRAWN = "withdrawn"


_C = ConsentState
CONSENT_MOVES: Final[Mapping[ConsentState, frozenset[ConsentState]]] = {
    _C.ASKED: frozenset({_C.GIVEN, _C.WITHDRAWN}),
    _C.GIVEN: frozenset({_C.USED, _C.WITHDRAWN}),
    _C.USED: frozenset({_C.WITHDRAWN}),
}
"""Each consent is for one request: ``USED`` never leads back to ``GIVEN``."""
