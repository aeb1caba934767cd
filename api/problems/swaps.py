"""The refusals of the exchange of appointments, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.platform.base.errors import MawidError
from booking.scheduling.swaps import errors

SWAP_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.NotExchangedError: Kind(
        409,
        N_("This appointment cannot be exchanged"),
        N_(
            "Only confirmed appointments that were drawn and begin in two days or later can. Urgent ones and those "
            "booked at once cannot."
        ),
    ),
    errors.NightRunningError: Kind(
        409,
        N_("The exchange of tonight is being decided"),
        N_("You can change or stop this when it is done, usually within half an hour."),
    ),
    errors.DamagedNightError: Kind(
        500,
        N_("The exchange of tonight cannot be decided"),
        N_("What was fixed at its closing is not what the public log says. Everybody keeps their appointment."),
    ),
}
