"""The appointment pass: a signed, compact text in a QR code that a counter checks without a network.

Layout, big-endian: version (1 byte), reference (9 ASCII), office (4), start (4, minutes since 1970), party (1),
Ed25519 signature (64; RFC 8032). Written in base 32 without padding, which QR keeps in its alphanumeric mode.
"""

import struct
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final

import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from booking.platform.base.vault import Verifier

_FORM: Final = struct.Struct(">B9sIIB")
_VERSION: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ForgedPassError(Exception):
    """The text is not a pass of this country: damaged, of another version, or not signed by it."""


@dataclass(frozen=True, slots=True)
class PassContent:
    """What a pass says."""

    reference: str
    office_id: int
    starts_at: datetime
    party_size: int


def sign(content: PassContent, key: Ed25519PrivateKey) -> str:
    """Write and sign a pass."""
    minutes = (content.starts_at - _EPOCH) // timedelta(minutes=1)
    body = _FORM.pack(_VERSION, content.reference.encode("ascii"), content.office_id, minutes, content.party_size)
    return b32encode(body + key.sign(body)).decode().rstrip("=")


def read(text: str, key: Ed25519PublicKey | Verifier) -> PassContent:
    """Read a pass and check its signature; raises ForgedPassError."""
    try:
        data = b32decode(text + "=" * (-len(text) % 8))
        body, signature = data[: _FORM.size], data[_FORM.size :]
        key.verify(signature, body)
        version, reference, office_id, minutes, party_size = _FORM.unpack(body)
    except (ValueError, struct.error, InvalidSignature) as error:
        raise ForgedPassError("this is no valid pass") from error
    if version != _VERSION:
        raise ForgedPassError(f"passes of version {version} are not known")
    return PassContent(reference.decode("ascii"), office_id, _EPOCH + timedelta(minutes=minutes), party_size)


def qr_svg(text: str, *, error: str = "m") -> str:
    """Draw a pass as an SVG image with its own white background, so that it scans in dark mode too.

    Parameters
    ----------
    error
        How much of the code may be unreadable, as ISO/IEC 18004 names it: "m" on paper; "l" for what is long and stands
        on a screen.
    """
    image = BytesIO()
    segno.make(text, error=error).save(image, kind="svg", border=4, light="white", xmldecl=False, omitsize=True)
    return image.getvalue().decode()
