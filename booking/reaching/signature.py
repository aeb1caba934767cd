"""How a gateway proves that it passes a text message on: HMAC-SHA-256 over the time and the body."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from booking.base.errors import MawidError

VERSION: Final = "v1="
OLDEST: Final = timedelta(minutes=5)
"""And newest: clocks differ. Within it the provider's id keeps a message from counting twice."""


class UnsignedMessageError(MawidError):
    """What was passed on is not signed, signed wrongly, or too old."""

    code = "unsigned_message"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body sent at ``timestamp`` (seconds since 1970, in decimal digits)."""
    content = timestamp.encode() + b"." + body
    return VERSION + hmac.new(secret.encode(), content, sha256).hexdigest()


def check_signature(secret: str, *, timestamp: str, body: bytes, signature: str, now: datetime) -> None:
    """Refuse what the gateway did not sign just now; raises UnsignedMessageError."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= len("99999999999")):
        raise UnsignedMessageError
    if abs(now.timestamp() - int(timestamp)) > OLDEST.total_seconds():
        raise UnsignedMessageError
    if not hmac.compare_digest(signature.encode(), sign(secret, timestamp, body).encode()):
        raise UnsignedMessageError
