"""A copy of all entries of a log, laid out as the log serves them (C2SP tlog-tiles), and the tree over them.

Nothing enters it but entries that give the root of a signed checkpoint, so a log that lost something can be made whole
from it.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Final

from allocation.lottery import leaf_hash, node_hash
from allocation.merkle import Node, consistency_runs, run_hash
from booking.transparency.log.checkpoints import (
    BUNDLE,
    HASH_BYTES,
    bundle_path,
    read_bundle,
    read_checkpoint,
    write_bundle,
)
from booking.transparency.log.notes import NoteError, VerifierKey
from booking.transparency.witness.errors import WitnessError
from booking.transparency.witness.folder import write_durably
from booking.transparency.witness.line import Line

FOLDER: Final = "mirror"
CHECKPOINT: Final = "checkpoint"


class Tree:
    """The nodes of an RFC 6962 tree that only grows: 64 bytes an entry."""

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self._levels[0]) // HASH_BYTES

    def add(self, entry: bytes) -> None:
        """Add an entry, and each node that it completes."""
        node, level = leaf_hash(entry), 0
        while True:
            if level == len(self._levels):
                self._levels.append(bytearray())
            nodes = self._levels[level]
            nodes += node
            if len(nodes) // HASH_BYTES % 2:
                return
            node, level = node_hash(bytes(nodes[-2 * HASH_BYTES : -HASH_BYTES]), node), level + 1

    def cut(self, size: int) -> None:
        """Forget all entries from ``size`` on."""
        for level, nodes in enumerate(self._levels):
            del nodes[(size >> level) * HASH_BYTES :]

    def first(self, size: int) -> "Tree":
        """Return a tree of its own with the first ``size`` entries."""
        made = deepcopy(self)
        made.cut(size)
        return made

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` entries."""
        return run_hash((0, size), self.node)

    def proof(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the tree of ``size`` entries begins with the one of ``old`` entries."""
        return [run_hash(run, self.node) for run in consistency_runs(old, size)]

    def node(self, node: Node) -> bytes:
        """Return a node that is complete."""
        level, index = node
        return bytes(self._levels[level][index * HASH_BYTES : (index + 1) * HASH_BYTES])


class Mirror:
    """The entries of a log up to a checkpoint, in the folder of a witness.

    Raises
    ------
    WitnessError
        The files do not give the root of the checkpoint beside them: something else than this program changed them.
    """

    def __init__(self, folder: Path, keys: Sequence[VerifierKey]) -> None:
        self._folder = folder / FOLDER
        self._folder.mkdir(exist_ok=True)
        self.tree = Tree()
        self.size = 0
        """How many entries it holds; ``tree`` may have more for a moment, while they are checked."""
        self.checkpoint = b""
        """The one that it leads to, as the log signed it."""
        try:
            self.checkpoint = (self._folder / CHECKPOINT).read_bytes()
            kept, _ = read_checkpoint(self.checkpoint, keys)
        except FileNotFoundError:
            return
        except NoteError as error:
            raise WitnessError(f"{self._folder / CHECKPOINT}: {error}") from None
        for entry in islice(self._read(kept.size), kept.size):
            self.tree.add(entry)
        if self.tree.size != kept.size or self.tree.root(kept.size) != kept.root:
            raise WitnessError(f"the copy in {self._folder} was changed or is cut off: move it away and begin again")
        self.size = kept.size

    def entries(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield the entries from an index on, each with its index."""
        begin = first - first % BUNDLE
        for index, entry in enumerate(self._read(self.size, begin), begin):
            if first <= index < self.size:
                yield index, entry

    def entry(self, index: int) -> bytes:
        """Return one entry; StopIteration is impossible for those that it holds."""
        return next(self.entries(index))[1]

    def keep(self, entries: Sequence[bytes], checkpoint: bytes) -> None:
        """Add entries, already in ``tree``, and the checkpoint that they lead to; the checkpoint comes last."""
        before = self.size
        begin = before - before % BUNDLE
        all_new = [*islice(self._read(before, begin), before - begin), *entries]
        for offset in range(0, len(all_new), BUNDLE):
            part = all_new[offset : offset + BUNDLE]
            path = self._folder / bundle_path((begin + offset) // BUNDLE, len(part))
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, write_bundle(part))
        write_durably(self._folder / CHECKPOINT, checkpoint)
        self.checkpoint, self.size = checkpoint, self.size + len(entries)
        self._tidy(before)

    def _tidy(self, before: int) -> None:
        """Remove the partial bundle that the one just written has taken the place of."""
        if before % BUNDLE and before < self.size:
            (self._folder / bundle_path(before // BUNDLE, before % BUNDLE)).unlink(missing_ok=True)

    def _read(self, size: int, begin: int = 0) -> Iterator[bytes]:
        for first in range(begin, size, BUNDLE):
            path = self._folder / bundle_path(first // BUNDLE, min(BUNDLE, size - first))
            try:
                yield from read_bundle(path.read_bytes())
            except (OSError, NoteError):
                return


MOST_AT_ONCE: Final = 1 << 30
"""Bytes of entries that are fetched at once; who claims more is not believed."""


def fetch(line: Line, first: int, size: int) -> list[bytes] | None:
    """Return the entries from ``first`` on; None where not all of them are handed out.

    Raises
    ------
    booking.transparency.witness.line.LineError
        There is no answer.
    """
    found: list[bytes] = []
    total = 0
    for begin in range(first - first % BUNDLE, size, BUNDLE) if first < size else ():
        width = min(BUNDLE, size - begin)
        bundle = _bundle(line, begin // BUNDLE, width)
        if bundle is None:
            return None
        found += bundle[max(0, first - begin) : width]
        total += sum(map(len, bundle))
        if total > MOST_AT_ONCE:
            return None
    return found


def _bundle(line: Line, number: int, width: int) -> list[bytes] | None:
    """Return a bundle; the full one serves as well where the partial one is gone."""
    for path in dict.fromkeys((bundle_path(number, width), bundle_path(number, BUNDLE))):
        answer = line.get(path)
        if answer.there:
            try:
                entries = read_bundle(answer.body)
            except NoteError:
                return None
            return entries if len(entries) >= width else None
    return None
