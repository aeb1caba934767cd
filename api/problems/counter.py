"""The refusals of the counter and of closing an office, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.desk.counter import errors
from booking.platform.base.errors import MawidError

COUNTER_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.WalkInsFullError: Kind(
        409,
        N_("No place for people without an appointment is left today"),
        N_("They can come another day early, or ask for a turn in the next draw."),
    ),
    errors.SecondTicketError: Kind(
        409, N_("This person has a ticket today already"), N_("Each person has one ticket a day, at any office.")
    ),
    errors.AppointmentTodayError: Kind(
        409,
        N_("This person has an appointment today"),
        N_("Look for them by their number on the day sheet and check them in there."),
    ),
    errors.PlanOutdatedError: Kind(
        409,
        N_("Something changed meanwhile"),
        N_("Somebody booked or took a place. The plan is being made again: look at it once more. Nothing was changed."),
    ),
    errors.TooLateToCorrectError: Kind(
        409,
        N_("It is too late to correct this"),
        N_("A supervisor can correct it on the same day and on the next day of work."),
    ),
}
