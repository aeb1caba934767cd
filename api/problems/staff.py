"""The refusals of changes of staff, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.errors import ProofTooOldError
from api.i18n import N_
from api.problems.kind import Kind
from booking.country.core import four_eyes
from booking.platform.base.errors import MawidError

STAFF_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    four_eyes.SecondAdministratorNeededError: Kind(
        409,
        N_("Another administrator must confirm this"),
        N_("You proposed it, with this account or another one, or one of you is not bound to a person yet."),
    ),
    four_eyes.ChangeOverError: Kind(
        409, N_("This proposal is over"), N_("It was decided, or waited for seven days. Propose it again.")
    ),
    four_eyes.TwoRolesOnePersonError: Kind(
        409,
        N_("This person has another account here"),
        N_("One person or phone has one account; only a clerk's and a caseworker's go together. Close the other one."),
    ),
    ProofTooOldError: Kind(
        401, N_("Prove again that it is you"), N_("An open page alone must not be enough for this.")
    ),
}
