"""Why the value of a beacon is refused."""

from booking.platform.base.errors import MawidError


class BeaconError(MawidError):
    """A value, a part of one, or a file of a group of witnesses is not the right one; the message says why."""

    code = "beacon_refused"
