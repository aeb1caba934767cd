"""What the files of a draw tell of single requests, and whether carried-over requests can be linked across draws.

Usage: python -P benchmarks/uniqueness.py [FOLDER | REQUESTS] ...   (100000 by default). A folder holds the files of a
published draw, of either format; one of format 1 is measured as it was published and as format 2 publishes the same
requests. A number invents a few draws in a row, of as many new requests each, and links the last two.
"""

import json
import random
import secrets
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from booking.people.prerequisites.standing import Days
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws import files as format_1
from booking.scheduling.draws.files import DRAW, PLAN, REQUESTS
from booking.scheduling.draws.format2.coarse import LAST, Shown, coarse_forms, coarser, in_line
from booking.scheduling.draws.format2.rows import Entrant, Link, RowList
from booking.scheduling.draws.format2.tables import LineRow
from booking.scheduling.draws.results import read_plan
from booking.scheduling.draws.uniqueness import Alike, exact, in_coarse, measure, read_measured, rungs
from booking.scheduling.requests.receipt import WishRow

FIRST = date(2026, 11, 9)
DRAWS = 4
SERVED = 0.55
TRIED = 20_000
SURE = 0.995  # of each interval, so that all ten hold at once with 95 %
PARTIES = [1] * 70 + [2] * 12 + [3] * 8 + [4] * 5 + [5] * 3 + [6] * 2
BANDS = ("afternoon", "midday", "morning")
SERVICES = (("passport-renewal", 1), ("passport-first", 2), ("passport-lost", 2), ("passport-child", 2))
CONSULATES = 22
BRANCHES = 20

Line = tuple[list[Entrant], list[LineRow]]
Guess = Callable[[int, Sequence[int]], int]


@dataclass
class Asked:
    """A request over several draws."""

    wish: WishRow
    holds: Days | None = None
    together: bytes | None = None
    priority: int = 0
    link: Link | None = None


def main() -> None:
    """Print the tables."""
    for word in sys.argv[1:] or ["100000"]:
        if word.isdecimal():
            invented(int(word))
        else:
            published(Path(word))


def published(folder: Path) -> None:
    """Measure a folder, and what format 2 makes of a draw of format 1."""
    print(f"\n{folder.name}")
    contents = read_measured(folder)
    for each in measure(contents):
        show(f"{each.shown} (for {each.to})", each.alike)
    if DRAW not in contents:
        return
    leaves = format_1.read_requests(contents[REQUESTS])
    plan = read_plan({PLAN: (folder / PLAN).read_bytes()})
    some = Link("d0", RowList.LINE, 0)
    turns = [some if each.priority else None for each in leaves]
    entrants = [
        _entrant(Asked(each.wish, each.holds, each.together, each.priority, turn), "d1", each.person)
        for each, turn in zip(leaves, turns, strict=True)
    ]
    paired = zip(entrants, plan.position.tolist(), plan.bin.tolist(), strict=True)
    show_line(*_in_order([(each, position, number >= 0) for each, position, number in paired]))


def invented(number: int) -> None:
    """Invent draws in a row, measure the last, and link it with the one before."""
    chance = random.Random(number)  # noqa: S311 - a benchmark, not a lottery
    waiting: list[Asked] = []
    lines: list[Line] = []
    for draw in range(DRAWS):
        waiting += [_asked(chance) for _ in range(number)]
        waiting, line = _drawn(waiting, f"d{draw + 1}", chance)
        lines.append(line)
    entrants, line = lines[-1]
    print(f"\n{len(line)} requests, of which {sum(row.before is not None for row in line)} carried over")
    leaves = [each.leaf for each in entrants]
    show("format 1, everyone: exact wish", Alike.of(map(exact, leaves)))
    show(
        "format 1, everyone: offices, party, service",
        Alike.of((leaf.wish.offices, leaf.wish.party, leaf.wish.service) for leaf in leaves),
    )
    show_line(entrants, line)
    link(*lines[-2:], chance)


def show_line(entrants: Sequence[Entrant], line: Sequence[LineRow]) -> None:
    """Print what rings 1 and 3 show of a line."""
    forms = coarse_forms(entrants, line)
    show("format 2, ring 1: priority, earlier row, served", Alike.of(map(in_line, line)))
    show("format 2, ring 3: coarse wish, beside the line", in_coarse(line, forms))
    for columns, count in rungs(forms).items():
        print(f"    {count / max(1, len(line)):7.2%} show {columns}")


def show(what: str, alike: Alike) -> None:
    """Print one row."""
    alone, few = (f"{count} ({count / max(1, alike.lines):.2%})" for count in (alike.alone, alike.few))
    print(f"  {what:<48} {alike.lines:>8} lines, alone {alone:>17}, under five {few:>17}")


def link(earlier: Line, later: Line, chance: random.Random) -> None:
    """Try to find each line of the earlier draw that was not served in the later one."""
    truth = {each.base: row for row, each in enumerate(later[0])}
    targets = [row for row, each in enumerate(earlier[0]) if not earlier[1][row].served and each.base in truth]
    chance.shuffle(targets)
    targets = targets[:TRIED]
    kept = sum(earlier[0][row].leaf.receipt == later[0][truth[earlier[0][row].base]].leaf.receipt for row in targets)
    print(f"  linking {len(targets)} carried-over requests: the same receipt in both draws {kept} (format 1: all)")
    by_turn: dict[int, list[int]] = defaultdict(list)
    for leaf, one in enumerate(later[1]):
        by_turn[one.priority if one.before else -1].append(leaf)
    turns = {row: by_turn[earlier[1][row].priority + 1] for row in targets}
    report("ring 1", turns, earlier, later, truth, chance)
    alone = sum(len(candidates) == 1 for candidates in turns.values())
    print(f"    found by the turn alone, for nobody else has so high a one: {alone}")
    candidates = _candidates(earlier, later)
    alike = {row: candidates(row) for row in targets}
    report("rings 1 and 3", alike, earlier, later, truth, chance)
    few = sum(len(them) < 5 for row, them in alike.items() if len(turns[row]) >= 5)
    print(f"    narrowed by a wish to fewer than five, among those whose turn is no rarity: {few}")


def report(
    shown: str,
    candidates: dict[int, Sequence[int]],
    earlier: Line,
    later: Line,
    truth: dict[bytes, int],
    chance: random.Random,
) -> None:
    """Print how often each way of guessing among the candidates is right, and how often chance is."""
    right = {row: truth[earlier[0][row].base] for row in candidates}
    sets = {id(them): set(them) for them in candidates.values()}
    among = [len(them) for row, them in candidates.items() if right[row] in sets[id(them)]]
    tries = max(1, len(candidates))
    by_chance = sum(1 / size for size in among) / tries
    print(f"    {shown}: {len(among) / tries:.2%} are among their candidates; chance {by_chance:.4%}")
    for name, guess in _guesses(earlier, later, chance).items():
        hits = sum(guess(row, them) == right[row] for row, them in candidates.items() if them)
        low, high = binomtest(hits, tries).proportion_ci(SURE)
        print(f"      by {name:<31} {hits / tries:.4%} ({low:.4%} to {high:.4%})")


def _guesses(earlier: Line, later: Line, chance: random.Random) -> dict[str, Guess]:
    """Return ways of guessing: any candidate, or the one that is nearest by something that both files show."""
    scale = len(later[1]) / len(earlier[1])
    row, other = earlier[1], later[1]
    return {
        "any of them": lambda _, them: chance.choice(them),
        "the nearest position": nearest(lambda line: row[line].position * scale, lambda leaf: other[leaf].position),
        "the nearest leaf": nearest(lambda line: line * scale, float),
        "the nearest pseudonym": nearest(
            lambda line: number(row[line].person), lambda leaf: number(other[leaf].person)
        ),
        "the link nearest to the receipt": nearest(
            lambda line: number(row[line].receipt), lambda leaf: number(other[leaf].before or b"")
        ),
    }


def nearest(of_line: Callable[[int], float], of_leaf: Callable[[int], float]) -> Guess:
    """Return the guess that takes the candidate with the nearest value."""
    known: dict[int, tuple[list[float], list[int]]] = {}

    def guess(line: int, them: Sequence[int]) -> int:
        if id(them) not in known:
            leaves = sorted(them, key=of_leaf)
            known[id(them)] = [of_leaf(leaf) for leaf in leaves], leaves
        values, leaves = known[id(them)]
        here = of_line(line)
        place = bisect_left(values, here)
        return min(leaves[max(0, place - 1) : place + 1], key=lambda leaf: abs(of_leaf(leaf) - here))

    return guess


def number(content: bytes) -> int:
    """Return the first bytes as a number."""
    return int.from_bytes(content[:8])


def _candidates(earlier: Line, later: Line) -> Callable[[int], Sequence[int]]:
    """Return what finds the lines that a line can have become, by turn and wish; those of its own form alone if any."""
    forms, next_forms = coarse_forms(*earlier), coarse_forms(*later)
    by_own: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    by_coarser: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for leaf, (row, form) in enumerate(zip(later[1], next_forms, strict=True)):
        if row.before is None:
            continue
        by_own[row.priority, form.rung, canonical(form.columns)].append(leaf)
        for rung in range(form.rung, LAST + 1):
            by_coarser[row.priority, rung, canonical(coarser(form, rung).columns)].append(leaf)

    @cache
    def those(priority: int, rung: int, columns: bytes) -> Sequence[int]:
        own = by_own.get((priority, rung, columns), [])
        if own and rung < LAST:
            return own
        form = Shown(rung, json.loads(columns))
        wider = [(priority, one, canonical(coarser(form, one).columns)) for one in range(rung + 1, LAST + 1)]
        return [
            *by_coarser.get((priority, rung, columns), ()),
            *(leaf for key in wider for leaf in by_own.get(key, ())),
        ]

    def find(line: int) -> Sequence[int]:
        return those(earlier[1][line].priority + 1, forms[line].rung, canonical(forms[line].columns))

    return find


def _asked(chance: random.Random) -> Asked:
    """Ask as most people do: one to three offices near in the list, any time; some have days, deadlines, needs."""
    home = chance.random() < 0.85
    offices = [f"{'b' if home else 'c'}{n}" for n in range(BRANCHES if home else CONSULATES)]
    start = min(int(chance.expovariate(3 / len(offices))), len(offices) - 1)
    service, units = chance.choice(SERVICES)
    party = chance.choice(PARTIES)
    first = FIRST + timedelta(days=chance.choice([0, 0, 0, chance.randrange(6)]))
    wish = WishRow(
        service=service,
        party=party,
        units=units * party,
        offices=tuple(offices[(start + step) % len(offices)] for step in range(chance.choice([1, 2, 3, 3]))),
        first_day=first,
        last_day=first + timedelta(days=chance.randrange(3, 20)) if chance.random() < 0.2 else None,
        weekdays=127 if chance.random() < 0.8 else chance.randrange(1, 128),
        bands=tuple(sorted(chance.sample(BANDS, chance.choice([1, 2, 3, 3, 3])))),
        needed_by=first + timedelta(days=chance.randrange(3, 30)) if chance.random() < 0.1 else None,
        accessible=chance.random() < 0.02,
        door="home" if home else "abroad",
        nonce=chance.randbytes(16),
    )
    holds = Days(first, first + timedelta(days=9)) if chance.random() < 0.03 else None
    return Asked(wish, holds, chance.randbytes(16) if chance.random() < 0.01 else None)


def _drawn(waiting: list[Asked], reference: str, chance: random.Random) -> tuple[list[Asked], Line]:
    """Draw by turn and lot, each office having places for the same share of those who name it first."""
    entrants = [_entrant(asked, reference, secrets.token_bytes(16)) for asked in waiting]
    order = sorted(range(len(waiting)), key=lambda row: (-waiting[row].priority, chance.random()))
    wanted: dict[str, int] = defaultdict(int)
    for asked in waiting:
        wanted[asked.wish.offices[0]] += 1
    left = {office: int(count * SERVED) for office, count in wanted.items()}
    places: dict[int, tuple[int, bool]] = {}
    for position, row in enumerate(order):
        office = next((one for one in waiting[row].wish.offices if left.get(one, 0) > 0), None)
        if office is not None:
            left[office] -= 1
        places[row] = position, office is not None
    drawn = _in_order([(entrant, *places[row]) for row, entrant in enumerate(entrants)])
    rows = {each.base: leaf for leaf, each in enumerate(drawn[0])}
    unserved = [asked for row, asked in enumerate(waiting) if not places[row][1]]
    carried = [
        replace(asked, priority=asked.priority + 1, link=Link(reference, RowList.LINE, rows[asked.wish.nonce]))
        for asked in unserved
    ]
    return carried, drawn


def _in_order(rows: Sequence[tuple[Entrant, int, bool]]) -> Line:
    rows = sorted(rows, key=lambda row: row[0].leaf.receipt)
    return [row[0] for row in rows], [
        LineRow(each.leaf.person, each.leaf.priority, each.leaf.receipt, each.before, position, served)
        for each, position, served in rows
    ]


def _entrant(asked: Asked, reference: str, person: bytes) -> Entrant:
    more = {name: getattr(asked, name) for name in ("priority", "link", "holds", "together")}
    return Entrant.of(asked.wish, reference, person=person, logged=0, **more)


if __name__ == "__main__":
    main()
