"""What a witness signs: checkpoints of one history alone. What it accepts is on its disk before it signs it."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from allocation.lottery import tree_root
from allocation.merkle import is_consistent
from booking.platform.base.clock import Clock
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.cosignatures import cosign
from booking.transparency.log.notes import Note, Signature, VerifierKey
from booking.transparency.witness.errors import RefusedError
from booking.transparency.witness.folder import ACCEPTED, Folder
from booking.transparency.witness.storage import write_durably

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
