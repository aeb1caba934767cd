"""What the exchange refuses; `api.problems.swaps` gives each a status and words."""

from booking.platform.base.errors import MawidError


class NotExchangedError(MawidError):
    """An appointment takes no part: it is not confirmed, urgent, was booked at once, or begins too soon."""

    code = "not_exchanged"


class NightRunningError(MawidError):
    """A night counts on the wish as it is; it can be changed when that is decided."""

    code = "night_running"


class LateNightError(Exception):
    """A night closed so late that somebody may know the value which decides it; it is to be given up."""


class WrongNightError(Exception):
    """A night does not follow from its files, or they are not those that the log says; the message says what."""


class DamagedNightError(MawidError):
    """What a night was closed with is not what the log says of it, or two give it out and do not know of each other."""

    code = "damaged_night"
