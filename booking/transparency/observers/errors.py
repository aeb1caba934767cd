"""What observers are refused."""

from booking.platform.base.errors import MawidError


class NotAnObserverError(MawidError):
    """The call is not signed with the key of an observer whose right holds; which of the two, nobody is told."""

    code = "not_an_observer"


class ObserversClockError(MawidError):
    """An observer signed the call, and for another time than ours."""

    code = "observers_clock"
