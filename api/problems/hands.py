"""The refusals of cases in officers' hands and of one's own cases, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.people.hands.errors import CaseNotInHandsError
from booking.platform.base.errors import MawidError, OwnCaseError

HANDS_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    CaseNotInHandsError: Kind(
        409,
        N_("This case is not with you"),
        N_("A colleague has it, it was decided, or nobody has taken it yet."),
    ),
    OwnCaseError: Kind(
        403,
        N_("A colleague must decide this"),
        N_(
            "It is about you, your household or somebody with your phone, and nobody decides such a case themselves. "
            "Nothing was changed; it stays there for a colleague."
        ),
    ),
}
