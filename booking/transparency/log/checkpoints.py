"""Checkpoints (C2SP tlog-checkpoint): how large a log is at a moment, and the root over all that it holds, signed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from booking.transparency.log.notes import (
    COSIGNATURE,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    from_base64,
    read_note,
    to_base64,
    verify,
)

HASH_BYTES: Final = 32
LARGEST: Final = 2**63 - 1
_LINES: Final = 3
_NUMBER: Final = re.compile("0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint's text says: whose log, how many entries, and their root. Further lines are refused."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, to_base64(self.root)))

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a checkpoint's text.

        Raises
        ------
        NoteError
            It is no such text.
        """
        lines = text.split("\n")
        if lines.pop() or len(lines) != _LINES or not all(lines):
            raise NoteError("a checkpoint has three lines, none of them empty: origin, size, root")
        root = from_base64(lines[2], "the root of a checkpoint")
        if len(root) != HASH_BYTES:
            raise NoteError(f"the root of a checkpoint has {len(root)} bytes instead of {HASH_BYTES}")
        return cls(lines[0], read_number(lines[1], "the size of a checkpoint"), root)


def read_checkpoint(content: bytes, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Note]:
    """Read a checkpoint that one of the keys signed, and the note that it stands in.

    Raises
    ------
    NoteError
        It is no checkpoint, is of another log than the keys', or the log's signature is missing or does not fit.
    """
    note = read_note(content)
    return check(note, keys), note


def check(note: Note, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return the checkpoint in a note that one of the keys signed; raises as `read_checkpoint`."""
    found = Checkpoint.of(note.text)
    if found.origin not in (names := [key.name for key in keys]):
        raise NoteError(f"the checkpoint is of the log {found.origin} and not of {' or '.join(dict.fromkeys(names))}")
    verify(note, [key for key in keys if key.name == found.origin])
    return found


def read_number(digits: str, what: str) -> int:
    """Read a decimal number from 0 to 2^63 - 1 without leading zeroes.

    Raises
    ------
    NoteError
        It is no such number; ``what`` begins the words.
    """
    if _NUMBER.fullmatch(digits) is None or int(digits) > LARGEST:
        raise NoteError(f"{what} is not a number in its one spelling")
    return int(digits)


_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_LATEST: Final = 2**63 - 1


def cosign(text: str, name: str, private: Ed25519PrivateKey, seconds: int) -> Signature:
    """Return a witness's signature of a checkpoint's text at a time (seconds since 1970)."""
    key = VerifierKey.of(name, private, COSIGNATURE)
    return Signature(name, key.key_id, seconds.to_bytes(_TIME_BYTES, "big") + private.sign(_message(text, seconds)))


def cosigned_at(text: str, signature: Signature, key: VerifierKey) -> int:
    """Return when a witness cosigned a checkpoint's text, in seconds since 1970.

    Raises
    ------
    NoteError
        It is not this witness's cosignature of the text.
    """
    if not signature.is_by(key) or key.kind != COSIGNATURE:
        raise NoteError(f"the signature is not one of the witness {key.name}")
    seconds = int.from_bytes(signature.content[:_TIME_BYTES], "big")
    if len(signature.content) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > _LATEST:
        raise NoteError(f"the signature of {key.name} is no cosignature with a time")
    key.verify(signature.content[_TIME_BYTES:], _message(text, seconds))
    return seconds


def cosigners(note: Note, witnesses: Iterable[VerifierKey]) -> Mapping[VerifierKey, int]:
    """Return which of the witnesses cosigned a note, and when.

    Raises
    ------
    NoteError
        A signature under one of them does not fit.
    """
    found = ((key, note.signed_by(key)) for key in witnesses)
    return {key: cosigned_at(note.text, signature, key) for key, signature in found if signature is not None}


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


BUNDLE: Final = 256
_LENGTH_BYTES: Final = 2


def number_path(number: int, width: int) -> str:
    """Return the end of the address of a bundle or tile; ``width`` of 256 is full."""
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return name + (f".p/{width}" if width < BUNDLE else "")


def bundle_path(number: int, width: int) -> str:
    """Return where a bundle of entries is, below the log's address or a copy's folder; ``width`` of 256 is full."""
    return f"tile/entries/{number_path(number, width)}"


def write_bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries one after the other, each behind its length."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def read_bundle(content: bytes) -> list[bytes]:
    """Read a bundle of entries.

    Raises
    ------
    NoteError
        It is cut off, or has more entries than a bundle can.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(content):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(content[at:begin], "big")
        if end > len(content) or len(entries) == BUNDLE:
            raise NoteError("the bundle of entries is cut off, or too long")
        entries.append(content[begin:end])
        at = end
    return entries
