"""The refusals of rosters, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.desk.rosters import errors
from booking.platform.base.errors import MawidError

ROSTER_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.RosterBeingMadeError: Kind(
        409, N_("A colleague is doing the same"), N_("They asked for these days at the same moment. Look at theirs.")
    ),
    errors.RosterChangedError: Kind(
        409,
        N_("Something changed meanwhile"),
        N_("The shifts of this day are others now. Say again who is absent. Nothing was changed."),
    ),
    errors.RosterOutdatedError: Kind(
        409,
        N_("Some shifts of this roster no longer hold"),
        N_(
            "Since it was made somebody went on leave, is absent, has fewer hours or other skills, or is no longer at "
            "this office. Make it again. Nothing was published."
        ),
    ),
    errors.RosterClashError: Kind(
        409,
        N_("This roster no longer fits the shifts around it"),
        N_(
            "Since it was made, shifts were published that leave somebody too short a rest, too few days off or too "
            "long a week beside it. Make it again. Nothing was published."
        ),
    ),
}
