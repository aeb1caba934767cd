"""What only the whole log shows: that it holds one statement of a draw, and every receipt where a request names it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation import lottery
from booking.scheduling.draws.archive import WrongError
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import REQUESTS
from booking.scheduling.draws.format2.everyone import Published
from booking.scheduling.draws.format2.log_copy import LogCopy, receipt_entry, told_of
from booking.scheduling.draws.format2.observers import Opened
from booking.scheduling.draws.format2.rows import Entrant, Link, RowList, Turn, priority_after
from booking.scheduling.draws.format2.tables import KEPT_TURNS, LINE, PROOFS, RESULT, SAYING_WHAT_LASTS, TURNS
from booking.scheduling.draws.format2.trust import Standing, outside_head
from booking.scheduling.draws.problem import build_problem, fitting
from booking.scheduling.requests.receipt import WishRow, is_within

_ONCE: Final = ("announcement", "statement", "result")
_GIVES_UP: Final = (b'"type":"statement"', b'"type":"abandoned"')


def log_checks(
    standing: Standing, opened: Opened | None, copy: LogCopy, checkpoint: bytes | None
) -> Iterator[Callable[[], str]]:
    """Give the checks of a draw, and of a checkpoint from outside, against a copy of the whole log."""
    yield lambda: _same_log(standing, copy.entries, checkpoint)
    yield lambda: _once(standing, copy.entries)
    yield lambda: _given_up(standing, copy.entries)
    if opened is not None:
        yield lambda: _receipts(opened, copy.entries)
    yield lambda: _replaced(standing, opened, copy)


def _same_log(standing: Standing, entries: Sequence[bytes], checkpoint: bytes | None) -> str:
    receipts = standing.statement["receipts"]
    heads = [(head.size, head.root, PROOFS[name]) for head, name in zip(standing.heads(), standing.proofs, strict=True)]
    heads.append((receipts["size"], bytes.fromhex(receipts["root"]), "receipts of the statement"))
    if checkpoint is not None:
        outside = outside_head(checkpoint, standing.announcement["log"])
        heads.append((outside.size, outside.root, "the checkpoint from outside"))
    for size, root, name in heads:
        if size > len(entries):
            raise WrongError(f"the copy of the log has {len(entries)} entries, {name} is about {size}")
        if lottery.merkle_root(entries[:size]) != root:
            raise WrongError(f"the copy of the log has another root at {size} entries than {name}: it has two faces")
    return f"the copy of the log, of {len(entries)} entries, is the log of the three proofs and of the list of receipts"


def _once(standing: Standing, entries: Sequence[bytes]) -> str:
    """Check that the log holds one entry of each kind about the draw, those of the files; raises WrongError."""
    named = f'"{standing.reference}"'.encode()
    for index, entry in enumerate(entries):
        if named not in entry:
            continue
        told = told_of(index, entry)
        if told.get("reference") != standing.reference:
            continue
        if told["type"] == "abandoned":
            raise WrongError(f"the log, entry {index}: the draw was abandoned: {told['reason']}")
        if told["type"] in _ONCE and entry not in standing.entries.values():
            raise WrongError(f"the log, entry {index}: there is another {told['type']} of this draw; keep both")
    return "the log holds one announcement, one statement and one result of this draw, and did not abandon it"


def _given_up(standing: Standing, entries: Sequence[bytes]) -> str:
    """Say which draws were given up after their closing, before this one's result: somebody may have chosen so."""
    closed: set[str] = set()
    given_up = []
    for index, entry in enumerate(entries[: standing.proofs[RESULT].index]):
        if not any(named in entry for named in _GIVES_UP):
            continue
        told = told_of(index, entry)
        if told["type"] == "statement":
            closed.add(told["reference"])
        elif told["type"] == "abandoned" and told["reference"] in closed:
            given_up.append(f"{told['reference']} ({told['reason']})")
    if not given_up:
        return "no draw was given up after its closing before this one had its result"
    return f"before this one draws were given up after their closing, ask why: {', '.join(given_up)}"


def _receipts(opened: Opened, entries: Sequence[bytes]) -> str:
    rows = 0
    for where, receipt, logged in _asked(opened):
        rows += 1
        if logged is not None and entries[logged] != receipt_entry(receipt.hex()):
            raise WrongError(f"{where}: the log does not hold its receipt at {logged}")
    return f"the log holds the receipt of each of {rows} rows where it is named"


def _replaced(standing: Standing, opened: Opened | None, copy: LogCopy) -> str:
    """Check that no row is of a receipt that another one had replaced by the closing; raises WrongError."""
    size = standing.statement["receipts"]["size"]
    early = {receipt for receipt, told in copy.replaced.items() if told.index < size}
    for where, receipt, _ in _asked(opened) if opened is not None else ():
        if receipt in early:
            raise WrongError(f"{where}: its receipt was replaced before the closing")
    told = f"{len(early)} receipts were replaced before the closing, each by one other"
    return f"{told}, and none of them takes part" if opened is not None else told


def _asked(opened: Opened) -> Iterator[tuple[str, bytes, int | None]]:
    """Yield where each row stands, its receipt of asking, and where the log has that."""
    for number, each in enumerate(opened.entrants, 1):
        yield f"{REQUESTS}, line {number}", each.asked(), each.logged
    for number, turn in enumerate(opened.turns, 1):
        yield f"{KEPT_TURNS}, line {number}", turn.asked, turn.logged


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
