"""The refusals of quota policies, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.platform.base.errors import MawidError
from booking.scheduling.quotas import errors

QUOTA_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.DraftChangedError: Kind(
        409,
        N_("A colleague changed this draft meanwhile"),
        N_("What you typed is still here, and was not saved. Read what they changed, then save again or keep theirs."),
    ),
    errors.DraftClosedError: Kind(
        409,
        N_("This draft is closed"),
        N_("It was proposed or dropped. Begin a new draft to change something."),
    ),
    errors.NothingChangedError: Kind(
        409, N_("This draft changes nothing"), N_("It says what the active quota policy says. Change a value first.")
    ),
    errors.StrandedPlacesError: Kind(
        409,
        N_("People have appointments that this policy would take away"),
        N_("Nothing was changed. Give these days more places, or activate it and let those days keep what is taken."),
    ),
    errors.DrawUnderWayError: Kind(
        409,
        N_("A draw is running"),
        N_("It relies on the places as they are. Nothing was changed. Try again in a few minutes."),
    ),
    errors.NoHistoryError: Kind(
        409,
        N_("There is no draw to try this on yet"),
        N_("A what-if repeats draws that were published. Come back after the first one."),
    ),
}
