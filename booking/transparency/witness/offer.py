"""What is brought to a witness (C2SP tlog-witness): a checkpoint, and the proof that it continues an earlier one."""

from dataclasses import dataclass
from typing import Final

from booking.transparency.log.checkpoints import Checkpoint, check, read_number
from booking.transparency.log.notes import Note, NoteError, VerifierKey, read_note
from booking.transparency.log.proofs import read_hashes
from booking.transparency.witness.errors import WitnessError

MOST_BYTES: Final = 65_536
_OLD: Final = "old "


class UnreadableError(WitnessError):
    """It is not written as the protocol has it."""

    code = "witness_unreadable"


class OtherLogError(WitnessError):
    """It is of a log that this witness does not watch."""

    code = "witness_other_log"


class UnsignedError(WitnessError):
    """The log's key did not sign it."""

    code = "witness_unsigned"


@dataclass(frozen=True, slots=True)
class Offer:
    """A checkpoint that the log signed, and how it continues the one with ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    note: Note


def read_offer(content: bytes, key: VerifierKey) -> Offer:
    """Read what ``POST /add-checkpoint`` brings.

    Raises
    ------
    UnreadableError
        It is not written as the protocol has it.
    OtherLogError
        The checkpoint is of another log.
    UnsignedError
        The log's key did not sign it.
    """
    head, blank, rest = content.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        old = read_number(first.removeprefix(_OLD) if first.startswith(_OLD) else "", "what follows `old `")
        proof = read_hashes(lines)
    except (NoteError, UnicodeDecodeError) as error:
        raise UnreadableError(str(error)) from None
    if not blank:
        raise UnreadableError("there is no empty line after the proof")
    checkpoint, note = read_signed(rest, key)
    if old > checkpoint.size:
        raise UnreadableError("the old size is more than the size of the checkpoint")
    return Offer(old, proof, checkpoint, note)


def read_signed(content: bytes, key: VerifierKey) -> tuple[Checkpoint, Note]:
    """Read a checkpoint that the log's key signed; raises as `read_offer`."""
    try:
        note = read_note(content)
        origin = Checkpoint.of(note.text).origin
    except NoteError as error:
        raise UnreadableError(str(error)) from None
    if origin != key.name:
        raise OtherLogError(f"this witness watches {key.name}, not {origin}")
    try:
        return check(note, [key]), note
    except NoteError as error:
        raise UnsignedError(str(error)) from None
