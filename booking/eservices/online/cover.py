"""The code on the cover sheet of posted papers: which case they belong to and where they go; it names nobody.

Layout, big-endian: version (1 byte), reference (9 ASCII), office (4), Ed25519 signature (64; RFC 8032). Written in
base 32 without padding, which QR keeps in its alphanumeric mode. The key is not that of passes or results.
"""

import struct
from base64 import b32decode, b32encode
from typing import Final

from cryptography.exceptions import InvalidSignature

from booking.platform.base.vault import Vault

_FORM: Final = struct.Struct(">B9sI")
_VERSION: Final = 1
SIZE: Final = 125
"""Characters of a code."""
PURPOSE: Final = "cover sheet signature"


class ForgedSheetError(Exception):
    """The text is not a code of a cover sheet: damaged, of another version, or not signed by this country."""


def sign_sheet(vault: Vault, reference: str, office_id: int) -> str:
    """Write and sign the code of a cover sheet."""
    body = _FORM.pack(_VERSION, reference.encode("ascii"), office_id)
    return b32encode(body + vault.signing_key(PURPOSE).sign(body)).decode().rstrip("=")


def read_sheet(vault: Vault, text: str) -> tuple[str, int]:
    """Read a code back to its reference and office; raises ForgedSheetError."""
    try:
        if len(text) != SIZE:
            raise ForgedSheetError("of another length")
        data = b32decode(text + "=" * (-len(text) % 8))
        body, signature = data[: _FORM.size], data[_FORM.size :]
        if b32encode(data).decode().rstrip("=") != text:
            raise ForgedSheetError("written in another way than it was signed")
        vault.verifier(PURPOSE).verify(signature, body)
        version, reference, office_id = _FORM.unpack(body)
        if version != _VERSION:
            raise ForgedSheetError(f"codes of version {version} are not known")
        return reference.decode("ascii"), office_id
    except (ValueError, struct.error, InvalidSignature) as error:
        raise ForgedSheetError("this is no valid code") from error
