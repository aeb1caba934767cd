"""The refusals of the hall, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.desk.hall import errors
from booking.platform.base.errors import MawidError

HALL_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.CounterBusyError: Kind(
        409,
        N_("Somebody is at this counter"),
        N_("Say first that they were served, or put them back into the line."),
    ),
    errors.NobodyAtCounterError: Kind(
        409, N_("Nobody is there"), N_("The counter is not open, or its call is over. The page shows how it is now.")
    ),
}
