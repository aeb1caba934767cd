"""What is refused of a change to another free time; the appointment stays as it is."""

from booking.platform.base.errors import MawidError, VerdictError


class NotChangeableError(MawidError):
    """An appointment keeps its time: it is not confirmed, urgent, or an urgent case of its request is open."""

    code = "not_changeable"


class SameTimeError(MawidError):
    """The appointment has this time already."""

    code = "same_time"


class MovedMeanwhileError(MawidError):
    """The appointment begins at another time than its holder saw, which may be a better one."""

    code = "moved_meanwhile"


class CheckFirstError(VerdictError):
    """The gate asks for a check or an officer first, and an appointment is not given up for something undecided."""

    code = "check_first"
