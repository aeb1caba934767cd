"""Webhooks signed as Standard Webhooks (standardwebhooks.com) says: HMAC-SHA-256 over an id, the time and the body.

The package signs and reads secrets. Its own ``verify`` asks the computer for the time and trips over malformed headers;
here the caller's clock decides, and whatever cannot be read is refused.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from standardwebhooks import Webhook

from booking.platform.base.errors import MawidError

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = timedelta(minutes=5)
"""A signature older or newer than this is refused, so that one that was caught is soon worth nothing."""

Secret: TypeAlias = str | bytes
"""``whsec_`` and base64, or the key itself."""

_FORM: Final = re.compile(r"whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LENGTHS: Final = range(len("whsec_") + 32, len("whsec_") + 88 + 1)  # 24 to 64 bytes, as the standard has it
_SECONDS: Final = re.compile(r"[0-9]{1,11}")


class UnsignedWebhookError(MawidError):
    """A webhook came without an id, a time or a signature."""

    code = "unsigned_webhook"


class WrongSignatureError(MawidError):
    """A webhook is signed with another secret, was changed on its way, or is too old."""

    code = "wrong_signature"


def read_secrets(text: str) -> tuple[str, ...]:
    """Read one secret, or several separated by commas: while a secret is replaced, the old one and the new one count.

    Raises
    ------
    ValueError
        One of them is not ``whsec_`` and base64 of 24 to 64 bytes, or there is none.
    """
    secrets = tuple(one.strip() for one in text.split(","))
    if not all(len(one) in _LENGTHS and _FORM.fullmatch(one) for one in secrets):
        raise ValueError("must be whsec_ and base64 of 24 to 64 random bytes; several separated by commas")
    return secrets


def signed_headers(*secrets: Secret, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers with which a body of UTF-8 text is sent, signed with each of the secrets."""
    seconds, text = int(at.timestamp()), body.decode()
    signatures = " ".join(_sign(secret, message_id, seconds, text) for secret in secrets)
    return {ID: message_id, TIMESTAMP: str(seconds), SIGNATURE: signatures}


def check(secrets: Iterable[Secret], *, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Refuse what none of the secrets signed, or not lately.

    Raises
    ------
    UnsignedWebhookError
        One of the three headers is missing.
    WrongSignatureError
        None of the signatures fits, or the time is more than `TOLERANCE` from ``now``.
    """
    message_id, timestamp, signatures = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and timestamp and signatures):
        raise UnsignedWebhookError("not signed")
    if not _SECONDS.fullmatch(timestamp):
        raise WrongSignatureError("the time is not in seconds")
    if "." in message_id:  # the signed text is divided by full stops: id and time could be divided in another way
        raise WrongSignatureError("the id has a full stop")
    seconds = int(timestamp)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise WrongSignatureError("not UTF-8") from None
    made = [_sign(secret, message_id, seconds, text).encode() for secret in secrets]
    sent = [one.encode() for one in signatures.split(" ")]
    if not any(hmac.compare_digest(ours, theirs) for ours in made for theirs in sent):
        raise WrongSignatureError("signed with another secret, or changed")
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise WrongSignatureError("too old, or from the future")


def _sign(secret: Secret, message_id: str, seconds: int, text: str) -> str:
    return Webhook(secret).sign(msg_id=message_id, timestamp=datetime.fromtimestamp(seconds, UTC), data=text)
