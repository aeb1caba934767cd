"""The history of a log that a witness knows, and what somebody else was shown of it: the same, or another one."""

from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.notes import Note, VerifierKey, read_note, to_base64
from booking.transparency.witness.cosigning import Cosigner
from booking.transparency.witness.findings import Finding
from booking.transparency.witness.line import Line, LineError
from booking.transparency.witness.mirror import Mirror, Tree, fetch


class History:
    """A witness's own copy of a log, and the checkpoint that it stands by, which may be further on."""

    def __init__(self, key: VerifierKey, mirror: Mirror, cosigner: Cosigner) -> None:
        self.key, self.mirror, self._cosigner = key, mirror, cosigner

    def knows(self, size: int) -> bool:
        """Return whether this witness knows what the log's first ``size`` entries were."""
        return size <= self.mirror.size or size == self._cosigner.accepted.size

    def contradiction(self, checkpoint: Checkpoint, note: Note) -> Finding | None:
        """Compare a checkpoint, signed by the log, with the history that this witness knows.

        Returns
        -------
        Finding | None
            Both checkpoints, which cannot be true together, and the proof that ours begins with another root than
            theirs; None where they agree, or where the witness does not know that many entries.
        """
        size, accepted = checkpoint.size, self._cosigner.note  # each is read once: another thread may go on meanwhile
        if size == 0 or not self.knows(size):
            return None
        if accepted is not None and size == (known := Checkpoint.of(accepted.text)).size:
            ours, root, proof = str(accepted).encode(), known.root, []
        else:
            ours, tree = self.mirror.checkpoint, self.mirror.tree
            root, proof = tree.root(size), tree.proof(size, _size_of(ours))
        return None if root == checkpoint.root else self._fork(size, ours, str(note).encode(), [root, *proof])

    def compared(self, checkpoint: Checkpoint, note: Note, theirs: Line) -> Finding | None:
        """Compare a checkpoint with this history, also where it is further on than the copy here.

        Parameters
        ----------
        theirs
            Where the entries are that it stands for.

        Raises
        ------
        LineError
            They are needed, and not handed out.
        """
        if self.knows(checkpoint.size):
            return self.contradiction(checkpoint, note)
        ours = self.mirror.checkpoint
        size = _size_of(ours)
        tree = self.mirror.tree.first(size)
        root = tree.root(size)
        for first in (size, 0):  # what is new is enough where it continues ours
            tree.cut(first)
            for entry in fetch(theirs, first, checkpoint.size) or ():
                tree.add(entry)
            if is_tree_of(tree, checkpoint):
                break
        else:
            raise LineError(f"the {checkpoint.size} entries of a checkpoint are not handed out")
        if size == 0 or tree.root(size) == root:
            return None
        shown = [tree.root(size), *tree.proof(size, checkpoint.size)]
        return self._fork(size, str(note).encode(), ours, shown)

    def two_faced(self, name: str, ours: tuple[Checkpoint, Note], theirs: tuple[Checkpoint, Note]) -> Finding | None:
        """Return that a witness cosigned a checkpoint of this history and one of another, where those show it.

        Parameters
        ----------
        ours, theirs
            Both cosigned by the witness of this name; the second contradicts this history.
        """
        size, upon = theirs[0].size, ours[0].size
        if not size <= upon <= self.mirror.size:
            return None
        tree = self.mirror.tree
        shown = [tree.root(size), *tree.proof(size, upon)]
        evidence = _evidence(size, str(ours[1]).encode(), str(theirs[1]).encode(), shown)
        return Finding("two_faced", {"witness": name, "origin": self.key.name, "size": size}, evidence)

    def _fork(self, size: int, first: bytes, second: bytes, shown: list[bytes]) -> Finding:
        return Finding("fork", {"origin": self.key.name, "size": size}, _evidence(size, first, second, shown))


def _size_of(content: bytes) -> int:
    """Return how many entries a checkpoint of the copy has."""
    return Checkpoint.of(read_note(content).text).size


def _evidence(size: int, first: bytes, second: bytes, shown: list[bytes]) -> dict[str, bytes]:
    """Return two checkpoints, and the proof that the first begins with another root at the second's size."""
    proof = "".join(f"{line}\n" for line in (size, *map(to_base64, shown))).encode()
    return {"checkpoint-1.txt": first, "checkpoint-2.txt": second, "first-begins-with.txt": proof}


def is_tree_of(tree: Tree, checkpoint: Checkpoint) -> bool:
    """Return whether a tree is the one that a checkpoint names."""
    return tree.size == checkpoint.size and tree.root(tree.size) == checkpoint.root
