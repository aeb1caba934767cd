"""The code of a result: a signed, compact text that anyone can check, with the network and without it.

Layout, big-endian: version (1 byte), number (9 ASCII), days since 2020-01-01 of issue, first and last valid day (2
each; 65535: no end), then the service's code, the holder's name and the thing it is for (each: length in 1 byte,
UTF-8), and an Ed25519 signature (64; RFC 8032) over all of it. Written in base64url without padding. One content has
one text.
"""

import struct
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from booking.platform.base.base64url import decoded, encoded
from booking.platform.base.vault import Vault, Verifier

_FORM: Final = struct.Struct(">B9sHHH")
_VERSION: Final = 1
_EPOCH: Final = date(2020, 1, 1)
_NO_END: Final = 0xFFFF
_SIGNATURE: Final = 64
_LONGEST: Final = 255
LONGEST_TEXT: Final = 1400
PURPOSE: Final = "result signature"


class ForgedResultError(Exception):
    """The text is not a code of a result: damaged, of another version, or not signed by this country."""


@dataclass(frozen=True, slots=True)
class ResultCode:
    """What a code says; both days are included, and without ``valid_until`` it does not end."""

    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    service: str
    holder: str
    thing: str


def result_key(vault: Vault) -> Ed25519PrivateKey:
    """Return the key that signs results."""
    return vault.signing_key(PURPOSE)


def sign_result(content: ResultCode, key: Ed25519PrivateKey) -> str:
    """Write and sign a code."""
    days = [_days(content.issued_on), _days(content.valid_from)]
    days.append(_NO_END if content.valid_until is None else _days(content.valid_until))
    body = _FORM.pack(_VERSION, content.number.encode("ascii"), *days)
    for text in (content.service, content.holder, content.thing):
        short = _shortened(text)
        body += bytes([len(short)]) + short
    return encoded(body + key.sign(body))


def read_result(text: str, key: Ed25519PublicKey | Verifier) -> ResultCode:
    """Read a code, alone or behind the ``#`` of an address, and check its signature; raises ForgedResultError."""
    code = text.strip().rpartition("#")[2]
    try:
        if len(code) > LONGEST_TEXT:
            raise ForgedResultError("longer than any code")
        data = decoded(code)
        body, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
        key.verify(signature, body)
        version, number, issued, first, last = _FORM.unpack(body[: _FORM.size])
        if version != _VERSION:
            raise ForgedResultError(f"codes of version {version} are not known")
        service, holder, thing = _texts(body[_FORM.size :])
        return ResultCode(
            number=number.decode("ascii"),
            issued_on=_day(issued),
            valid_from=_day(first),
            valid_until=None if last == _NO_END else _day(last),
            service=service,
            holder=holder,
            thing=thing,
        )
    except (ValueError, struct.error, IndexError, InvalidSignature) as error:
        raise ForgedResultError("this is no valid code") from error


def _texts(rest: bytes) -> list[str]:
    found = []
    for _ in range(3):
        size = rest[0]
        found.append(rest[1 : 1 + size].decode())
        rest = rest[1 + size :]
    if rest:
        raise ValueError("there is more than it should hold")
    return found


def _shortened(text: str) -> bytes:
    """Cut what is too long for one byte's length at a whole letter."""
    return text.encode()[:_LONGEST].decode(errors="ignore").encode()


def _days(day: date) -> int:
    return (day - _EPOCH).days


def _day(days: int) -> date:
    return _EPOCH + timedelta(days=days)
