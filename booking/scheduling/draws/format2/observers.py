"""What observers check besides, with the wishes, links and the plan (ring 2): everything."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from allocation import lottery
from booking.scheduling.draws.archive import Check, WrongError, made, made_in_turn
from booking.scheduling.draws.decision import problem_of
from booking.scheduling.draws.files import PLAN, REQUESTS, Frozen, Seat
from booking.scheduling.draws.format2.coarse import write_coarse
from booking.scheduling.draws.format2.everyone import Published
from booking.scheduling.draws.format2.kept import (
    UNKNOWN,
    check_lasting,
    check_rows,
    check_services,
    known_requests,
    read_kept_turns,
)
from booking.scheduling.draws.format2.rows import (
    Entrant,
    Link,
    RowList,
    Turn,
    TurnReason,
    draw_receipt,
    place_records,
    turn_receipt,
)
from booking.scheduling.draws.format2.seating import sits_well
from booking.scheduling.draws.format2.tables import COARSE, KEPT_TURNS, LINE, RESULT, TURNS
from booking.scheduling.draws.format2.wish_lines import OTHER_LINK, OTHER_RECEIPT, Wishes, read_wishes
from booking.scheduling.draws.plan_checks import plan_checks
from booking.scheduling.draws.results import PlanRows, read_plan

_OTHER_SALT: Final = "the salt is not that of the request"
"""Whose owner does not have it: their own receipt would not lead to their place."""
_UNKNOWN_TO_LOG = (TurnReason.UNLOGGED, TurnReason.BEFORE_FORMAT_2)


@dataclass(frozen=True, eq=False)
class Opened:
    """What observers see of a draw besides, read."""

    draw: Published
    wishes: Wishes
    turns: Sequence[Turn]
    plan: PlanRows

    @cached_property
    def entrants(self) -> Sequence[Entrant]:
        """The requests one by one: much for a large draw, and wanted for its coarse wishes and earlier draws alone."""
        return known_requests(self.draw.files, self.draw.line, self.draw.standing.reference)

    def frozen(self) -> Frozen:
        """Return what the draw worked with."""
        return Frozen(self.draw.statement, (), self.draw.bins, self.draw.public, self.wishes.asked)

    def links(self) -> list[tuple[RowList, int, Link]]:
        """Return the links of all rows: the list and number of the row, and where it points to."""
        in_line = [(RowList.LINE, row, link) for row, link in self.wishes.links.items()]
        outside = [(RowList.TURNS, row, each.link) for row, each in enumerate(self.turns) if each.link is not None]
        return [*in_line, *outside]


def read_opened(draw: Published) -> Opened:
    """Read the files that observers get besides, strictly; raises DamagedFileError."""
    wishes = read_wishes(draw.files, draw.line, draw.standing.reference)
    turns = read_kept_turns(draw.files, draw.turns)
    check_lasting(draw.statement, REQUESTS, wishes.lasting, draw.line.priority)
    check_services(draw.statement, REQUESTS, wishes.several)
    check_rows(draw.statement, KEPT_TURNS, turns)
    return Opened(draw, wishes, turns, read_plan(draw.files, most=len(draw.line), salted=True))


def checks_for_observers(opened: Opened) -> Iterator[Check]:
    """Make the checks in the order of docs/draw-format.md; what proves nothing after a wrong one is left out."""
    first: list[Callable[[], str]] = [
        lambda: _receipts(opened),
        lambda: _turns(opened),
        lambda: _logged(opened),
        lambda: _links(opened),
        lambda: _plan(opened),
    ]
    sound = True
    for right, words in made_in_turn(first):
        yield right, words
        sound &= right
    if not sound:
        return
    frozen = opened.frozen()
    try:
        problem = problem_of(frozen, opened.draw.seed)
    except ValueError as error:
        yield False, f"requests and free places give no problem: {error}"
        return
    draw = opened.draw
    yield from plan_checks(draw.files, frozen, problem, opened.plan, draw.certificate, draw.report)
    yield made(lambda: places(opened))
    if COARSE in draw.files:
        yield made(lambda: _coarse(opened))


def open_leaf(opened: Opened, leaf: int) -> None:
    """Check what observers see of one leaf: its wish, link, entry in the log and place; raises WrongError."""
    each, row, reference = opened.entrants[leaf], opened.draw.line[leaf], opened.draw.standing.reference
    if draw_receipt(each.leaf) != each.leaf.receipt:
        raise WrongError(f"{REQUESTS}, line {leaf + 1}: {OTHER_RECEIPT}")
    if (each.link.hash(each.base, reference) if each.link else None) != each.before:
        raise WrongError(f"{REQUESTS}, line {leaf + 1}: {OTHER_LINK}")
    if each.logged >= opened.draw.statement["receipts"]["size"]:
        raise WrongError(f"{REQUESTS}, line {leaf + 1}: it was logged after the list of receipts was closed")
    number = int(opened.plan.bin[leaf])
    if row.position != int(opened.plan.position[leaf]) or row.served != (number >= 0):
        raise WrongError(f"{PLAN}, leaf {leaf}: position or place is not what {LINE} shows")
    if (opened.plan.salts or ())[leaf] != opened.wishes.salt(leaf):
        raise WrongError(f"{PLAN}, leaf {leaf}: {_OTHER_SALT}")
    if row.served and not sits_well(each.leaf, opened.draw.bins, number, _seat(opened, leaf)):
        raise WrongError(f"{PLAN}, leaf {leaf}: the place is not whole, or not one that was wished")


def _receipts(opened: Opened) -> str:
    if opened.wishes.wrong is not None:
        leaf, words = opened.wishes.wrong
        raise WrongError(f"{REQUESTS}, line {leaf + 1}: {words}")
    number = len(opened.draw.line)
    return f"each of {number} receipts is that of its wish, and each link the one that its row shows"


def _turns(opened: Opened) -> str:
    reference = opened.draw.standing.reference
    for number, each in enumerate(opened.turns, 1):
        if turn_receipt(each.asked, each.base, reference, each.reason) != each.receipt:
            raise WrongError(f"{KEPT_TURNS}, line {number}: it has another receipt than {TURNS} shows")
        if (each.link.hash(each.base, reference) if each.link else None) != each.before:
            raise WrongError(f"{KEPT_TURNS}, line {number}: the link is not the one that the row shows")
    return f"each of {len(opened.turns)} turns outside the line is of a request that was asked"


def _logged(opened: Opened) -> str:
    size = opened.draw.statement["receipts"]["size"]
    missing = [number for number, each in enumerate(opened.turns, 1) if each.logged is None]
    for number in missing:
        if opened.turns[number - 1].reason not in _UNKNOWN_TO_LOG:
            raise WrongError(f"{KEPT_TURNS}, line {number}: the log does not hold the request")
    turns = np.array([each.logged for each in opened.turns if each.logged is not None], np.int64)
    for name, known in ((REQUESTS, opened.wishes.logged), (KEPT_TURNS, turns)):
        if (known >= size).any():
            raise WrongError(f"{name}: a request was logged after the list of receipts was closed")
        if np.unique(known).size < known.size:
            raise WrongError(f"{name}: two requests name the same entry of the log")
    return f"each request names an entry of its own among the first {size} of the log"


def _links(opened: Opened) -> str:
    reference = opened.draw.standing.reference
    seen: set[Link] = set()
    for list_, number, link in opened.links():
        where = f"{REQUESTS if list_ is RowList.LINE else KEPT_TURNS}, line {number + 1}"
        if link in seen:
            raise WrongError(f"{where}: another row has the same earlier row")
        seen.add(link)
        if link.draw == reference and (list_, link.list) != (RowList.LINE, RowList.TURNS):
            raise WrongError(f"{where}: it points to a row of this draw that is not before it")
        if link.draw == reference:
            turn = opened.turns[link.row] if link.row < len(opened.turns) else None
            lasts = int(opened.wishes.lasting[number])
            own = (opened.wishes.base(number), int(opened.draw.line.priority[number]), lasts)
            if turn is None or (turn.base, turn.priority, UNKNOWN if turn.lasting is None else turn.lasting) != own:
                raise WrongError(f"{where}: the turn that it points to is not its own, or has another priority")
    return f"{len(seen)} rows point to earlier ones, and no two to the same"


def _plan(opened: Opened) -> str:
    plan, line = opened.plan, opened.draw.line
    if len(plan.units) != len(line):
        raise WrongError(f"{PLAN} has {len(plan.units)} rows for {len(line)} requests")
    wrong = np.flatnonzero((line.position != plan.position) | (line.served != (plan.bin >= 0)))
    if wrong.size:
        raise WrongError(f"{PLAN}, leaf {int(wrong[0])}: position or place is not what {LINE} shows")
    salts = plan.salts or ()
    if b"".join(salts) != opened.wishes.salts:
        leaf = next(leaf for leaf, salt in enumerate(salts) if salt != opened.wishes.salt(leaf))
        raise WrongError(f"{PLAN}, leaf {leaf}: {_OTHER_SALT}")
    people = int(opened.wishes.asked.party[line.served].sum(dtype=np.int64))
    if people != opened.draw.standing.result["served_people"]:
        raise WrongError(f"{RESULT}: {people} people are served")
    return f"plan and line agree; {people} people are served"


def places(opened: Opened) -> str:
    """Check that the places are those under ``places_root``; raises WrongError."""
    seats = [_seat(opened, leaf) for leaf in range(len(opened.draw.line))]
    records = place_records(opened.plan.salts or (), opened.plan.bin.tolist(), seats)
    if lottery.merkle_root(records).hex() != opened.draw.standing.result["places_root"]:
        raise WrongError(f"{RESULT}: the places give another root")
    return "every place is under the root of the places that the log holds"


def _coarse(opened: Opened) -> str:
    ours = write_coarse(opened.entrants, opened.draw.line)
    # inflated, since libraries may compress the same in other ways
    if gzip.decompress(ours) != gzip.decompress(opened.draw.files[COARSE]):
        raise WrongError(f"{COARSE}: what everyone may see of the wishes is not what its rule gives")
    return "what everyone may see of the wishes later is what its rule gives, no more"


def _seat(opened: Opened, leaf: int) -> Seat:
    """Return where a leaf sits; slots that its bin does not have raise WrongError."""
    first, units, number = opened.plan.first_slot[leaf], opened.plan.units[leaf], int(opened.plan.bin[leaf])
    if first is None:
        return ()
    slots = opened.draw.bins[number].slots if number < len(opened.draw.bins) else ()
    start = slots.index(first) if first in slots else len(slots)
    if start + len(units) > len(slots):
        raise WrongError(f"{PLAN}: leaf {leaf} sits in slots that its bin does not have")
    return tuple(zip(slots[start : start + len(units)], units, strict=True))
