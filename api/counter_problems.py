"""The refusals of the counter and of closing an office, as a status and words; part of `api.problems`."""

from collections.abc import Mapping
from typing import Final

from api.problem_kind import N_, Kind
from booking import errors

COUNTER_KINDS: Final[Mapping[type[errors.MawidError], Kind]] = {
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
