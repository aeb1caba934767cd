"""What the log serves (C2SP tlog-tiles): its tree in tiles of 256 hashes, and its entries in bundles of as many."""

import re
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.platform.base.errors import NotFoundError
from booking.platform.models import LogEntry
from booking.transparency.log.checkpoints import number_path, write_bundle
from booking.transparency.log.log import newest_in
from booking.transparency.log.nodes import HEIGHT, TILE, Nodes

_HIGHEST: Final = 63
_PATH: Final = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LEVEL: Final = re.compile(r"0|[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class TilePath:
    """A tile's place in its level, and how many of its hashes or entries are meant."""

    level: int
    index: int
    width: int

    @classmethod
    def of(cls, level: str, path: str) -> Self:
        """Read the address of a tile behind ``tile/``; raises NotFoundError where it is none."""
        match = _PATH.fullmatch(path)
        if match is None or _LEVEL.fullmatch(level) is None or int(level) > _HIGHEST:
            raise NotFoundError
        digits, width = match[1].replace("x", "").replace("/", ""), int(match[2] or TILE)
        found = cls(int(level), int(digits), width)
        if found.path != path:
            raise NotFoundError
        return found

    @property
    def path(self) -> str:
        """The address behind the level."""
        return number_path(self.index, self.width)

    @property
    def end(self) -> int:
        """The number of hashes of the level up to the last one that is meant."""
        return self.index * TILE + self.width


def tile_in(session: Session, path: TilePath) -> bytes:
    """Return the hashes of a tile that a signed checkpoint has; raises NotFoundError."""
    _require_signed(session, path)
    return b"".join(Nodes(session).tile(path.level, path.index)[: path.width])


def bundle_in(session: Session, path: TilePath) -> bytes:
    """Return the entries of a bundle that a signed checkpoint has, each behind its length; raises NotFoundError."""
    _require_signed(session, path)
    bodies = session.scalars(
        select(LogEntry.body)
        .where(LogEntry.index >= path.index * TILE, LogEntry.index < path.end)
        .order_by(LogEntry.index)
    )
    return write_bundle(bodies)


def _require_signed(session: Session, path: TilePath) -> None:
    newest = newest_in(session)
    if newest is None or path.end > newest.size >> HEIGHT * path.level:
        raise NotFoundError
