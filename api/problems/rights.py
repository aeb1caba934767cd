"""The refusals of closing an account, opening it again and taking a copy, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.desk.rights import errors
from booking.platform.base.errors import MawidError

RIGHTS_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.StaffAccountError: Kind(
        409,
        N_("An administrator closes this account"),
        N_("It belongs to a colleague, and somebody else must take over their cases. Ask an administrator."),
    ),
    errors.UnderWayError: Kind(
        409,
        N_("Something is under way that ends soon"),
        N_("A draw is being made, or an appointment has begun. Nothing was closed: try again when it is over."),
    ),
    errors.NotClosedError: Kind(409, N_("This account is open"), N_("Sign in as always.")),
    errors.CopyWaitsError: Kind(
        409,
        N_("There is a copy already"),
        N_("One is being made or waits for you. Another one can be asked for a day after the last one."),
    ),
    errors.CopyNotThereError: Kind(
        404,
        N_("There is no copy to download"),
        N_("It is not ready yet, or it was downloaded, or its seven days are over. You can ask for another one."),
    ),
}
