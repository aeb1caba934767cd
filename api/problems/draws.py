"""The refusals of draws, and of policies before they decide."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import TRY_LATER, Kind
from booking.platform.base import errors
from booking.scheduling.draws.errors import DrawsFailedError
from booking.transparency.beacons.errors import BeaconError

DRAW_KINDS: Final[Mapping[type[errors.MawidError], Kind]] = {
    errors.DrawRunningError: Kind(
        409,
        N_("The draw is running"),
        N_("Your request is in it. Try again in a few minutes, when the result is published."),
    ),
    errors.DrawNotReadyError: Kind(
        409, N_("The draw is not ready for this"), N_("This step comes at another time of the draw.")
    ),
    errors.CapacityChangedError: Kind(
        409,
        N_("Places of this draw changed"),
        N_("Staff must look at it before it can go on. Nothing was changed."),
    ),
    errors.LoggedOtherwiseError: Kind(
        409,
        N_("The public log says something else"),
        N_("What it says is never taken back. Nothing was changed; somebody must look at why."),
    ),
    BeaconError: Kind(
        422,
        N_("This is not the right value"),
        N_("There is exactly one, and its signature shows which. This is another, so nothing was kept."),
    ),
    DrawsFailedError: Kind(
        500,
        N_("A step of a draw failed"),
        N_("It is tried again by itself. The Health page says which draw it is, and why."),
    ),
    errors.PolicyMissingError: Kind(503, N_("Requests are not open yet"), TRY_LATER),
}
