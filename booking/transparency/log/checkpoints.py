"""Checkpoints (C2SP tlog-checkpoint): how large a log is at a moment, and the root over all that it holds, signed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from booking.transparency.log.notes import Note, NoteError, VerifierKey, from_base64, read_note, to_base64, verify

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
