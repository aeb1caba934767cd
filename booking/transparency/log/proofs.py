"""Proofs that an entry is in a log (C2SP tlog-proof), in one text that anyone checks without a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from allocation.lottery import is_included
from booking.transparency.log.checkpoints import HASH_BYTES, Checkpoint, check, read_number
from booking.transparency.log.notes import (
    MOST_BYTES,
    Note,
    NoteError,
    VerifierKey,
    from_base64,
    read_note,
    to_base64,
)

MOST_HASHES: Final = 63
_HEAD: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class LogProof:
    """The index of an entry, the hashes from its sibling up to the root, and a checkpoint with its signatures."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note

    @override
    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (_HEAD, f"index {self.index}", *map(to_base64, self.hashes), "")) + str(
            self.note
        )

    def check(self, entry: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
        """Return the checkpoint under which the entry is proven to be in the log of one of the keys.

        Raises
        ------
        NoteError
            The checkpoint is not signed by the log, or the entry is not where the proof says.
        """
        found = check(self.note, keys)
        if not is_included(entry, self.index, found.size, self.hashes, found.root):
            raise NoteError(f"the proof does not show this entry at {self.index} of the log {found.origin}")
        return found


def read_proof(content: bytes) -> LogProof:
    """Read a proof; nothing is checked yet but that it is one. Proofs with extra data are refused: we have none.

    Raises
    ------
    NoteError
        It is no such proof.
    """
    if len(content) > MOST_BYTES:
        raise NoteError(f"the proof has more than {MOST_BYTES} bytes")
    top, blank, note = content.partition(b"\n\n")
    try:
        lines = top.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise NoteError("the lines before the checkpoint are not ASCII") from None
    if lines[0] != _HEAD:
        raise NoteError(f"a proof begins with {_HEAD}")
    if not blank or len(lines) < 2 or not lines[1].startswith("index "):  # noqa: PLR2004 - the second line
        raise NoteError("a proof has an index, hashes, an empty line and a checkpoint")
    hashes = read_hashes(lines[2:])
    return LogProof(read_number(lines[1].removeprefix("index "), "the index of a proof"), hashes, read_note(note))


def read_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Read the lines of hashes of a proof, each in Base64.

    Raises
    ------
    NoteError
        There are too many, or a line is not a hash.
    """
    if len(lines) > MOST_HASHES:
        raise NoteError(f"a proof has at most {MOST_HASHES} hashes")
    hashes = tuple(from_base64(line, "a hash of a proof") for line in lines)
    if any(len(one) != HASH_BYTES for one in hashes):
        raise NoteError(f"a hash of a proof has {HASH_BYTES} bytes")
    return hashes
