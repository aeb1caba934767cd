"""Words of reaching people: channels, what becomes of a notice and of each try, commands that phones send."""

from enum import StrEnum


class Channel(StrEnum):
    """A way to an account. SMS is always there: the phone that was confirmed."""

    SMS = "sms"
    EMAIL = "email"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


class MessageState(StrEnum):
    """What became of a notice: all but ``WAITING`` are final."""

    WAITING = "waiting"
    SENT = "sent"
    SILENCED = "silenced"
    TOO_LATE = "too_late"
    DEAD = "dead"


class TryOutcome(StrEnum):
    """What came of one try to send a notice.

    ``REFUSED`` is for good: the address or the message is not taken. The others may work later.
    """

    SENT = "sent"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"


class Command(StrEnum):
    """What a text message from a phone asks for."""

    STATUS = "status"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    CODE = "code"
    STOP = "stop"
    START = "start"
    HELP = "help"
    UNKNOWN = "unknown"
