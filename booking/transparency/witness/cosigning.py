"""What a witness signs: checkpoints of one history alone. What it accepts is on its disk before it signs it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from allocation.lottery import tree_root
from allocation.merkle import is_consistent
from booking.platform.base.clock import Clock
from booking.transparency.log.checkpoints import Checkpoint, check, cosign, read_number
from booking.transparency.log.notes import Note, NoteError, Signature, VerifierKey, read_note
from booking.transparency.log.proofs import read_hashes
from booking.transparency.witness.errors import RefusedError, WitnessError
from booking.transparency.witness.folder import ACCEPTED, Folder, write_durably

NOTHING: Final = Checkpoint("", 0, tree_root([]))
"""What is accepted before the first checkpoint."""


class StaleError(RefusedError):
    """The proof begins at another size than the one that the witness stands by; ``size`` is that one."""

    code = "witness_stale"

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness stands by a checkpoint with {size} entries")
        self.size = size


class ForkError(RefusedError):
    """Two checkpoints of one size have different roots."""

    code = "witness_fork"


class InconsistentError(RefusedError):
    """The proof does not show that the new checkpoint continues the one that the witness stands by."""

    code = "witness_inconsistent"


class Cosigner:
    """Signs checkpoints of one log; any number of threads may ask.

    Raises
    ------
    WitnessError
        What was accepted before cannot be read.
    """

    def __init__(self, folder: Folder, key: VerifierKey, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._lock = threading.Lock()
        accepted = folder.accepted(key)
        self._accepted: Checkpoint = accepted[0] if accepted else NOTHING
        self._note: Note | None = accepted[1] if accepted else None

    @property
    def accepted(self) -> Checkpoint:
        """The newest checkpoint that the witness stands by."""
        return self._accepted

    @property
    def note(self) -> Note | None:
        """The same with the log's signature; None before the first."""
        return self._note

    def cosign(self, checkpoint: Checkpoint, note: Note, *, old: int, proof: Sequence[bytes]) -> Signature:
        """Return a cosignature of a checkpoint that the log signed and that only grew.

        Parameters
        ----------
        checkpoint, note
            As read with the log's key: the caller has checked its signature.
        old, proof
            From which size on the proof shows that it continues.

        Raises
        ------
        StaleError
            ``old`` is not the size that the witness stands by.
        ForkError
            It has that size, and another root.
        InconsistentError
            The proof does not show it.
        """
        with self._lock:
            now = self._accepted
            if old != now.size:
                raise StaleError(now.size)
            if checkpoint.size == now.size and checkpoint.root != now.root:
                raise ForkError(f"two checkpoints with {now.size} entries have different roots")
            if not is_consistent(now.size, now.root, checkpoint.size, checkpoint.root, proof):
                raise InconsistentError(f"the proof does not lead from {now.size} to {checkpoint.size} entries")
            self._stand_by(checkpoint, note)
            return self._sign(checkpoint)

    def cosign_seen(self, checkpoint: Checkpoint, note: Note, *, root_at: Callable[[int], bytes]) -> Signature:
        """Return a cosignature where the witness computed itself, from all entries, what the tree was before.

        Parameters
        ----------
        root_at
            The root over so many of the new checkpoint's entries.

        Raises
        ------
        StaleError
            Another thread accepted a larger one meanwhile.
        ForkError
            The new checkpoint does not continue the accepted one.
        """
        with self._lock:
            now = self._accepted
            if checkpoint.size < now.size:
                raise StaleError(now.size)
            if root_at(now.size) != now.root:
                raise ForkError(f"the new checkpoint does not continue the one with {now.size} entries")
            self._stand_by(checkpoint, note)
            return self._sign(checkpoint)

    def _stand_by(self, checkpoint: Checkpoint, note: Note) -> None:
        if checkpoint != self._accepted:
            write_durably(self._folder.path / ACCEPTED, str(note).encode())
            self._accepted, self._note = checkpoint, note

    def _sign(self, checkpoint: Checkpoint) -> Signature:
        seconds = int(self._clock.now().timestamp())
        return cosign(checkpoint.text, self._folder.name, self._folder.keys.signing, seconds)


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
