"""How a webhook is signed: HMAC-SHA-256 over the time and the exact bytes, in one header ``t=<seconds>,v1=<hex>``."""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from booking.payments.provider import ForgedEventError

HEADER: Final = "mawid-signature"
TOLERANCE: Final = timedelta(minutes=5)
"""A signature older or newer than this is refused, so that one that was caught is soon worth nothing."""

_FORM: Final = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(body: bytes, key: bytes, at: datetime) -> str:
    """Write the header."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(body, key, seconds)}"


def check(body: bytes, key: bytes, header: str, now: datetime) -> None:
    """Refuse what this key did not sign, or not lately; raises ForgedEventError."""
    found = _FORM.fullmatch(header)
    if found is None:
        raise ForgedEventError("no signature")
    seconds = int(found.group(1))
    if not hmac.compare_digest(_digest(body, key, seconds), found.group(2)):
        raise ForgedEventError("not signed by the provider")
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise ForgedEventError("too old")


def _digest(body: bytes, key: bytes, seconds: int) -> str:
    return hmac.new(key, f"{seconds}.".encode() + body, sha256).hexdigest()
