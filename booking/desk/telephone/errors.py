"""What a call is refused with; a dialogue says the rest in its own words."""

from booking.platform.base.errors import MawidError


class CallBusyError(MawidError):
    """The same call is being answered at this moment: the gateway passed something on twice at once."""

    code = "call_busy"
