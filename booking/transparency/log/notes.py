"""Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures; and the keys that verify them."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typing_extensions import override

ED25519: Final = 0x01
"""The type of a key that signs a note's text."""
COSIGNATURE: Final = 0x04
"""The type of a witness's key, which signs a checkpoint's text together with a time."""
MOST_BYTES: Final = 65_536
MOST_SIGNATURES: Final = 64
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_DASH: Final = "— "
_VKEY: Final = re.compile(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class NoteError(ValueError):
    """Bytes are not such a note, key, checkpoint, proof or entry, or a signature is not its key's; in words."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and the public Ed25519 key that signs under it, for signatures of one type."""

    name: str
    kind: int
    key: bytes

    @classmethod
    def of(cls, name: str, private: Ed25519PrivateKey, kind: int = ED25519) -> Self:
        """Return what verifies the signatures of a private key."""
        return cls(checked_name(name), kind, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as one line of text (a *vkey*)."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.key)}"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check an Ed25519 signature.

        Raises
        ------
        NoteError
            It is not this key's signature of the message.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise NoteError(f"the signature of {self.name} does not fit") from None


def read_vkey(text: str, *, kind: int | None = None) -> VerifierKey:
    """Read a verifier key from its one line of text.

    Parameters
    ----------
    kind
        The type that it must have; either of the two where none is given.

    Raises
    ------
    NoteError
        It is no such key, of another type, or its id is not that of name and key.
    """
    if (match := _VKEY.fullmatch(text)) is None:
        raise NoteError("a verifier key is written as name+id+key")
    content = from_base64(match[3], "a verifier key")
    found = VerifierKey(checked_name(match[1]), content[0] if content else 0, content[1:])
    if found.kind not in ((ED25519, COSIGNATURE) if kind is None else (kind,)):
        raise NoteError(f"the key of {found.name} has the type {found.kind}, which is not the one needed")
    if len(found.key) != _KEY_BYTES:
        raise NoteError(f"the key of {found.name} has {len(found.key)} bytes instead of {_KEY_BYTES}")
    if found.key_id.hex() != match[2]:
        raise NoteError(f"the key of {found.name} has another id than it says")
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """A line of a note: who signed, by which key, and the signature itself."""

    name: str
    key_id: bytes
    content: bytes

    @property
    def line(self) -> str:
        """The line, with its line feed."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.content)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Return whether it says that it is of this key."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line feed, and its signatures in their order."""

    text: str
    signatures: tuple[Signature, ...]

    @override
    def __str__(self) -> str:
        return self.text + "\n" + "".join(one.line for one in self.signatures)

    def signed_by(self, key: VerifierKey) -> Signature | None:
        """Return the first signature that names a key, unchecked; None where there is none."""
        return next((one for one in self.signatures if one.is_by(key)), None)

    def with_signatures(self, more: Iterable[Signature]) -> Self:
        """Return the note with further signatures; those that it has stay as they are."""
        kept: dict[tuple[str, bytes], Signature] = {}
        for one in (*self.signatures, *more):
            kept.setdefault((one.name, one.key_id), one)
        return replace(self, signatures=tuple(kept.values()))


def read_note(content: bytes) -> Note:
    """Read a signed note; its signatures are not checked yet.

    Raises
    ------
    NoteError
        It is no such note: too long, not UTF-8, with control characters, or a line of signatures is not one.
    """
    if len(content) > MOST_BYTES:
        raise NoteError(f"the note has more than {MOST_BYTES} bytes")
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise NoteError("the note is not UTF-8") from None
    if any(ord(letter) < ord(" ") and letter != "\n" for letter in whole):
        raise NoteError("the note has control characters")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n"):
        raise NoteError("the note has no text, or no signatures after an empty line")
    signatures = tuple(map(read_signature, lines[:-1].split("\n")))
    if len(signatures) > MOST_SIGNATURES:
        raise NoteError(f"the note has more than {MOST_SIGNATURES} signatures")
    if len({(one.name, one.key_id) for one in signatures}) < len(signatures):
        raise NoteError("a key signed the note twice")
    return Note(text + "\n", signatures)


def read_signature(line: str) -> Signature:
    """Read a line of signatures, without its line feed.

    Raises
    ------
    NoteError
        It is no such line.
    """
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank:
        raise NoteError("a signature is written as a dash, a name and the signature")
    content = from_base64(encoded, "a signature")
    if len(content) <= _ID_BYTES:
        raise NoteError(f"the signature of {name} is too short")
    return Signature(checked_name(name), content[:_ID_BYTES], content[_ID_BYTES:])


def sign(text: str, name: str, *private: Ed25519PrivateKey) -> Note:
    """Return a note of the text with an Ed25519 signature of each key under one name."""
    keys = [(VerifierKey.of(name, one), one) for one in private]
    return Note(text, tuple(Signature(name, key.key_id, one.sign(text.encode())) for key, one in keys))


def verify(note: Note, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Return the first of these keys that signed the note's text.

    Raises
    ------
    NoteError
        None of them did, or a signature under one of them does not fit.
    """
    found = [(key, signature) for key in keys if (signature := note.signed_by(key))]
    for key, signature in found:
        key.verify(signature.content, note.text.encode())
    if not found:
        raise NoteError(f"the note is not signed by {' or '.join(dict.fromkeys(key.name for key in keys))}")
    return found[0][0]


def checked_name(name: str) -> str:
    """Return a key's name.

    Raises
    ------
    NoteError
        It is empty, or has blanks or a plus.
    """
    if not name or "+" in name or any(map(str.isspace, name)):
        raise NoteError("a name is not empty and has neither blanks nor a plus")
    return name


def to_base64(content: bytes) -> str:
    """Write bytes in the standard Base64 with padding."""
    return base64.b64encode(content).decode()


def from_base64(text: str, what: str) -> bytes:
    """Read the standard Base64, in the one way in which it is written.

    Raises
    ------
    NoteError
        It is not Base64, or bytes are written in another way; ``what`` begins the words.
    """
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NoteError(f"{what} is not Base64") from None
    if to_base64(content) != text:
        raise NoteError(f"{what} is not Base64 in its one spelling")
    return content
