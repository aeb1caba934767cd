"""Why a witness does not do something; the message says it in words."""

from booking.platform.base.errors import MawidError


class WitnessError(MawidError):
    """The folder, the log or what somebody brought is not as it has to be; nothing was signed."""

    code = "witness"


class NotYetError(WitnessError):
    """The log or the hour is not there yet; the same may be asked again later."""

    code = "witness_not_yet"


class RefusedError(WitnessError):
    """What is asked for would make the witness say two things; it will never be signed."""

    code = "witness_refused"
