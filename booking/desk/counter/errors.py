"""What the counter and the closing of a day refuse; `api.problems.counter` gives each a status and words."""

from booking.platform.base.errors import MawidError


class WalkInsFullError(MawidError):
    """No place for people without an appointment is left today."""

    code = "walk_ins_full"


class SecondTicketError(MawidError):
    """The person has a ticket of today already, at this office or another."""

    code = "second_ticket"


class AppointmentTodayError(MawidError):
    """The person has an appointment here today, ``reference``: check in instead of a ticket."""

    code = "appointment_today"

    def __init__(self, reference: str) -> None:
        super().__init__(f"appointment {reference}")
        self.reference = reference


class PlanOutdatedError(MawidError):
    """Since the plan was made somebody booked, or took one of its places; it is made again."""

    code = "plan_outdated"


class TooLateToCorrectError(MawidError):
    """Whether anybody came can be put right on the same day and the office's next open day only."""

    code = "too_late_to_correct"
