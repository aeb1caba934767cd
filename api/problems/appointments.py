"""The refusals of appointments and of booking at once, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.platform.base import errors
from booking.scheduling.appointments.errors import (
    CheckFirstError,
    MovedMeanwhileError,
    NotChangeableError,
    SameTimeError,
)

APPOINTMENT_KINDS: Final[Mapping[type[errors.MawidError], Kind]] = {
    errors.SlotFullError: Kind(
        409, N_("This time is full"), N_("Someone took the last appointment. Choose another time.")
    ),
    errors.NotBookableError: Kind(
        409, N_("This time cannot be booked directly"), N_("Choose another time, or ask for a turn in the next draw.")
    ),
    errors.HoldExpiredError: Kind(
        409,
        N_("The appointment was kept for ten minutes only"),
        N_("The time to confirm is over. Choose a time again."),
    ),
    errors.TooManyHoldsError: Kind(
        429,
        N_("Too many appointments were kept today and not confirmed"),
        N_("Confirm what is kept for you, or continue with the draw, where being fast is worth nothing."),
    ),
    errors.VerdictError: Kind(
        409,
        N_("This cannot be booked"),
        N_("If the reason is wrong, ask for a turn in the next draw: a refusal there can be appealed."),
    ),
    errors.ReviewNeededError: Kind(
        409,
        N_("An officer looks at this request first"),
        N_(
            "An appointment cannot be kept for so long. Continue with the draw: an officer looks at your request "
            "before it."
        ),
    ),
    errors.OfferLapsedError: Kind(
        409,
        N_("The time to confirm is over"),
        N_("The appointment goes to a later draw. You can ask again at any time."),
    ),
    errors.TooLateToCancelError: Kind(
        409, N_("It is too late to change this appointment"), N_("The appointment has begun, is over, or is too close.")
    ),
    errors.TooManyMovesError: Kind(
        409,
        N_("This appointment cannot be moved again"),
        N_("It was moved as often as the rules allow. You can keep it or cancel it."),
    ),
    NotChangeableError: Kind(
        409,
        N_("This appointment cannot be changed to another time"),
        N_("Only a confirmed appointment can, unless it is urgent or an urgent request is open for it."),
    ),
    SameTimeError: Kind(409, N_("You have this time already"), N_("Choose another time, or keep the appointment.")),
    MovedMeanwhileError: Kind(
        409,
        N_("Your appointment was moved meanwhile"),
        N_("Look at its new time first, then choose again. Nothing was changed."),
    ),
    CheckFirstError: Kind(
        409,
        N_("This change would need a check first"),
        N_("Your appointment stays as it is. You can keep it, or move to a later draw."),
    ),
}
