"""The nodes of the log's tree, from full tiles and, at its right edge, from entries: O(log n) rows for any proof."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allocation.lottery import node_hash
from allocation.merkle import Node, Run, run_hash
from booking.platform.models import LogEntry, LogTile
from booking.transparency.log.checkpoints import HASH_BYTES

TILE: Final = 256
"""Hashes of a full tile (C2SP tlog-tiles)."""
HEIGHT: Final = 8
_LEAF: Final = func.sha256(func.decode("00", "hex").op("||")(LogEntry.body))


class DamagedLogError(Exception):
    """The log in the database is not what was signed before: nothing more is signed, and nothing proven."""


class Nodes:
    """The tree as a session sees it; tiles are read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def hashes_of(self, runs: Sequence[Run]) -> list[bytes]:
        """Return the root over each run of entries."""
        return [run_hash(run, self.node) for run in runs]

    def root(self, size: int) -> bytes:
        """Return the root over the first entries."""
        return run_hash((0, size), self.node)

    def node(self, node: Node) -> bytes:
        """Return the hash of a node.

        Raises
        ------
        DamagedLogError
            Entries under it are missing.
        """
        (level, index), height = node, node[0] % HEIGHT
        first = index << height
        tile = self.tile(level // HEIGHT, first // TILE)
        under = tile[first % TILE : first % TILE + (1 << height)]
        if len(under) < 1 << height:
            raise DamagedLogError(f"entries before {(index + 1) << level} are missing in the log")
        return joined(under)

    def tile(self, level: int, index: int) -> list[bytes]:
        """Return the hashes of a tile that are there by now: 256 of a full one."""
        if (level, index) not in self._tiles:
            full = self._session.scalar(select(LogTile.hashes).where(LogTile.level == level, LogTile.index == index))
            self._tiles[level, index] = self._partial(level, index) if full is None else split(full)
        return self._tiles[level, index]

    def _partial(self, level: int, index: int) -> list[bytes]:
        first, end = index * TILE, (index + 1) * TILE
        if level == 0:
            found = select(_LEAF).where(LogEntry.index >= first, LogEntry.index < end).order_by(LogEntry.index)
        else:
            found = (
                select(LogTile.root)
                .where(LogTile.level == level - 1, LogTile.index >= first, LogTile.index < end)
                .order_by(LogTile.index)
            )
        return list(self._session.scalars(found))


def fill_tiles(session: Session, before: int, after: int, level: int = 0) -> None:
    """Keep the tiles that became full while a level grew from ``before`` to ``after`` hashes, and those above them."""
    first, end = before // TILE, after // TILE
    if first == end:
        return
    nodes = Nodes(session)
    for index in range(first, end):
        hashes = nodes.tile(level, index)
        session.add(LogTile(level=level, index=index, hashes=b"".join(hashes), root=joined(hashes)))
    session.flush()
    fill_tiles(session, first, end, level + 1)


def split(hashes: bytes) -> list[bytes]:
    """Return the hashes of a tile one by one."""
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]


def joined(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]
