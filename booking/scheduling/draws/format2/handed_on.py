"""What a row of an earlier draw hands on, and which priorities another row may have by it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.checks import WrongError
from booking.scheduling.draws.format2.everyone import Published
from booking.scheduling.draws.format2.names import LINE, SAYING_WHAT_LASTS, TURNS
from booking.scheduling.draws.format2.observers import Opened
from booking.scheduling.draws.format2.rows import Entrant, Link, RowList, Turn, priority_after
from booking.scheduling.draws.problem import build_problem, fitting
from booking.scheduling.requests.receipt import WishRow
from booking.scheduling.requests.within import is_within


@dataclass(frozen=True, slots=True)
class Handed:
    """What a row hands on: draws lost, and how many of them last; beside that whose row it is.

    ``base`` is None where the files of observers are not there, ``wish`` for a turn too.
    """

    priority: int
    lasting: int
    base: bytes | None = None
    wish: WishRow | None = None


@dataclass(frozen=True, eq=False)
class Earlier:
    """A draw before; ``opened`` where the files of observers are there too."""

    draw: Published
    opened: Opened | None

    @cached_property
    def fits(self) -> NDArray[np.bool_]:
        """For each leaf whether a place of the draw fitted its wish, whoever else wanted it."""
        leaves = [each.leaf for each in self.opened.entrants] if self.opened else []
        return fitting(build_problem(Asked.of(leaves), self.draw.bins, np.arange(len(leaves), dtype=np.int32)))

    def hands_on(self, link: Link, where: str) -> Handed:
        """Return what the row of a link hands on; raises WrongError where there is none, or nobody may see it."""
        in_line = link.list is RowList.LINE
        rows = self.draw.line if in_line else self.draw.turns
        if link.row >= len(rows):
            name, draw = LINE if in_line else TURNS, link.draw
            raise WrongError(f"{where}: it points to row {link.row} of {name} of {draw}, which is not there")
        served = in_line and self.draw.line[link.row].served
        priority = priority_after(link.list, rows[link.row].priority, served=served)
        known = self.draw.statement["format"] in SAYING_WHAT_LASTS
        if self.opened is None:
            if known:
                raise WrongError(f"{where}: the draw {link.draw} is there without its files for observers")
            return Handed(priority, priority)
        row = (self.opened.entrants if in_line else self.opened.turns)[link.row]
        lasting = priority if row.lasting is None else row.lasting
        if isinstance(row, Turn):
            return Handed(priority, lasting, row.base)
        lasts = known and not served and bool(self.fits[link.row])
        return Handed(priority, lasting + lasts, row.base, row.leaf.wish)


def check_following(row: Entrant | Turn, handed: Handed, where: str) -> None:
    """Check what a row says of its priority against what the row that it points to hands on.

    All lost draws count for the same wish, and for one within it; else the lasting ones alone. A turn outside the line
    shows no wish, and a wish may have been changed twice between draws: there both are right.

    Raises
    ------
    WrongError
        They do not follow.
    """
    more = isinstance(row, Turn)
    priority = row.priority if isinstance(row, Turn) else row.leaf.priority
    due = [one + more for one in _may_count(row, handed)]
    if priority not in due:
        raise WrongError(f"{where}: its priority is {priority}, the row that it points to gives {due[0]}")
    if row.lasting is not None and row.lasting - handed.lasting not in range(1 + more):
        raise WrongError(f"{where}: {row.lasting} of its draws last, the row that it points to gives {handed.lasting}")


def _may_count(row: Entrant | Turn, handed: Handed) -> list[int]:
    if row.lasting is None or row.base == handed.base:
        return [handed.priority]
    if isinstance(row, Entrant) and handed.wish is not None and not is_within(row.leaf.wish, handed.wish):
        return [handed.lasting]
    return [handed.priority, handed.lasting]
