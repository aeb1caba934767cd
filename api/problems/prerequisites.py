"""The refusals of prerequisites, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.people.prerequisites.standing import PrerequisiteMissingError
from booking.platform.base.errors import MawidError

PREREQUISITE_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    PrerequisiteMissingError: Kind(
        409,
        N_("Something else is needed first"),
        N_(
            "One of you needs another paper first. Nothing was changed. The plan says which paper, and how to ask for "
            "it."
        ),
    ),
}
