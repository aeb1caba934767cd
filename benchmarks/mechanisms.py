"""Who is served, and how well, under each mechanism: against demand, against false lists, against five entries each.

Usage: python -P benchmarks/mechanisms.py [REQUESTS] [FIGURE]   (10000, docs/figures/served_against_demand.svg)
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from allocation import Plan, Problem, first_come, in_line_order, solve
from allocation.baselines import by_lot
from allocation.building.samples import country

DEMANDS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0)
ROBOTS, SECONDS, SEED = 0.1, 5.0, 1
LIARS, LISTED = 120, 2_000
"""People who try a false list, and the size of their draw."""
CHEATERS, ENTRIES = 0.1, 5
PAIRS = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")
Mechanisms = dict[str, Callable[[Problem], Plan]]
Curves = dict[str, list[float]]
STYLES = (("#0072b2", ""), ("#d55e00", "7 3"), ("#009e73", "2 3"), ("#000000", "9 3 2 3"))
WIDE, HIGH, LEFT, TOP = 250, 210, 48, 34
"""Of a panel of the figure and the room around it, in its units."""


def main() -> None:
    """Print three tables and draw the figure."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    figure = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/figures/served_against_demand.svg")
    started = process_time()
    panels = against_demand(requests)
    figure.write_text(chart(panels), encoding="utf-8")
    false_lists(min(requests, LISTED))
    many_entries(requests)
    print(f"\n{process_time() - started:.0f} s of processor time; figure in {figure}")


def mechanisms(robot: NDArray[np.bool_]) -> Mechanisms:
    """Four ways to give out the same places; robots, bool (n,), come first where that counts."""
    random = np.random.default_rng([SEED, 1])
    arrival = np.argsort(np.lexsort((random.random(robot.size), ~robot))).astype(np.int32)
    return {
        "draw with exchange": lambda problem: solve(problem, seconds=SECONDS),
        "draw, in line order": in_line_order,
        "lottery, no priority": lambda problem: by_lot(problem, seed=SEED),
        "first come": lambda problem: first_come(problem, arrival),
    }


def against_demand(requests: int) -> dict[str, Curves]:
    """Print a row for each demand and mechanism; return the figure's panels: a curve for each mechanism."""
    print("| demand | | people served | places used | first choice | in time | regret | lost twice | robots | others |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    panels: dict[str, Curves] = {
        "people served, thousands": {},
        "chance after two lost draws": {},
        "chance of a robot": {},
    }
    robot = np.random.default_rng([SEED, 2]).random(requests) < ROBOTS
    for demand in DEMANDS:
        problem = country(requests, seed=SEED, demand=demand, tiers=3)
        patient = problem.tier == 2
        for name, mechanism in mechanisms(robot).items():
            plan = mechanism(problem)
            served = plan.bin_of_request >= 0
            used = f"{plan.served_units / int(problem.places.sum()):.1%}"
            chances = [served[group].mean() for group in (patient, robot, ~robot)]
            shown = " | ".join([*quality(problem, plan), *(f"{chance:.2f}" for chance in chances)])
            print(f"| {demand:g} | {name} | {plan.served_people:,} | {used} | {shown} |", flush=True)
            for curves, value in zip(panels.values(), (plan.served_people / 1000, *chances[:2]), strict=True):
                curves.setdefault(name, []).append(float(value))
    return panels


def quality(problem: Problem, plan: Plan) -> tuple[str, str, str]:
    """Share of the people served in their first office, and in time; mean regret of all people."""
    used = plan.bin_of_request[problem.pair_request] == problem.pair_bin
    people = problem.party[problem.pair_request[used]]
    first = np.average(problem.pair_rank[used] == 0, weights=people)
    in_time = np.average(~problem.pair_late[used], weights=people)
    regret = np.average(missed(problem, used), weights=problem.party)
    return f"{first:.1%}", f"{in_time:.1%}", f"{regret:.3f}"


def missed(problem: Problem, used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of each request's own list that it likes better than what it got, float64 (n,); 1 where it got nothing."""
    liking = (problem.pair_late.astype(np.int64) << 40) + (problem.pair_rank.astype(np.int64) << 20) + problem.pair_cost
    got = np.full(problem.requests, np.iinfo(np.int64).max)
    got[problem.pair_request[used]] = liking[used]
    better = np.bincount(problem.pair_request, liking < got[problem.pair_request], problem.requests)
    listed = np.bincount(problem.pair_request, minlength=problem.requests)
    return np.divide(better, listed, out=np.ones(problem.requests), where=listed > 0)


def false_lists(requests: int) -> None:
    """Print what people served below their first choice would have got by listing nothing else."""
    problem = country(requests, seed=SEED, demand=2.0, parties=0)
    best = (problem.pair_rank == 0) & ~problem.pair_late
    possible = np.bincount(problem.pair_request, best, requests) > 0
    print(f"\n{requests:,} single people, demand 2; they list only their first office, in time\n")
    print("| | served below it, asked | would have got it | would have lost their place |")
    print("|---|---:|---:|---:|")
    for name, mechanism in mechanisms(np.zeros(requests, np.bool_)).items():
        truthful = mechanism(problem)
        used = truthful.bin_of_request[problem.pair_request] == problem.pair_bin
        below = problem.pair_request[used & ~best]
        below = below[possible[below]]
        asked = np.random.default_rng([SEED, 3]).permutation(below)[:LIARS]
        served = [mechanism(listing_less(problem, request)).bin_of_request[request] >= 0 for request in asked.tolist()]
        print(f"| {name} | {below.size}, {asked.size} | {sum(served)} | {asked.size - sum(served)} |", flush=True)


def listing_less(problem: Problem, request: int) -> Problem:
    """Make the same problem where one request lists its first office alone, and only in time."""
    keep = (problem.pair_request != request) | ((problem.pair_rank == 0) & ~problem.pair_late)
    return replace(problem, **{name: getattr(problem, name)[keep] for name in PAIRS})


def many_entries(requests: int) -> None:
    """Print what places are wasted, and who wins, where a tenth of the people can enter five times."""
    problem = country(requests, seed=SEED, demand=2.0, parties=0)
    random = np.random.default_rng([SEED, 4])
    cheats = random.random(requests) < CHEATERS
    person = np.concatenate([np.arange(requests), np.repeat(np.flatnonzero(cheats), ENTRIES - 1)])
    entered = entries(problem, person, random.permutation(person.size))
    print(f"\n{requests:,} single people, demand 2; a tenth enters {ENTRIES} times\n")
    print("| | places wasted | chance of who enters five times | of the others | of everyone with one entry each |")
    print("|---|---:|---:|---:|---:|")
    for name in mechanisms(cheats):
        many = mechanisms(np.zeros(person.size, np.bool_))[name](entered).bin_of_request >= 0
        once = mechanisms(np.zeros(requests, np.bool_))[name](problem).bin_of_request >= 0
        has = np.bincount(person[many], minlength=requests) > 0
        wasted = 1 - has.sum() / many.sum()
        print(f"| {name} | {wasted:.1%} | {has[cheats].mean():.2f} | {has[~cheats].mean():.2f} | {once.mean():.2f} |")


def entries(problem: Problem, person: NDArray[np.int64], order: NDArray[np.int64]) -> Problem:
    """Make the problem in which each row of ``person`` is an entry of its own, with its own place in line."""
    length = np.diff(problem.first_pair)[person]
    entry = np.repeat(np.arange(person.size), length)
    pair = problem.first_pair[person][entry] + np.arange(entry.size) - (np.cumsum(length) - length)[entry]
    return Problem(
        pair_request=entry,
        pair_bin=problem.pair_bin[pair],
        pair_rank=problem.pair_rank[pair],
        pair_late=problem.pair_late[pair],
        pair_cost=problem.pair_cost[pair],
        party=problem.party[person],
        order=order,
        places=problem.places,
    )


def chart(panels: dict[str, Curves]) -> str:
    """Draw the panels side by side, demand along the bottom, as SVG."""
    width = len(panels) * (WIDE + LEFT) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HIGH + 84}" role="img">',
        '<g font-family="sans-serif" font-size="12">',
        f"<title>{', '.join(panels)}, against demand, under four mechanisms</title>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, (title, curves) in enumerate(panels.items()):
        parts.append(f'<g transform="translate({LEFT + number * (WIDE + LEFT)} {TOP})">{panel(title, curves)}</g>')
    for number, (name, (colour, dash)) in enumerate(zip(next(iter(panels.values())), STYLES, strict=True)):
        x, y = LEFT + number * (width - LEFT) // len(STYLES), TOP + HIGH + 62
        parts.append(
            f'<path d="M{x} {y}h34" stroke="{colour}" stroke-dasharray="{dash}" stroke-width="2.5"/>'
            f'<text x="{x + 42}" y="{y + 4}">{name}</text>'
        )
    return "\n".join([*parts, "</g></svg>", ""])


def panel(title: str, curves: Curves) -> str:
    """One set of axes from zero, with a line for each curve."""
    highest = max(max(curve) for curve in curves.values())
    step = 5.0 if highest > 1 else 0.25
    highest = step * np.ceil(highest / step)
    parts = [f'<text y="-14" font-weight="bold">{title}</text>']
    for value in np.arange(0, highest + step / 2, step):
        y = HIGH * (1 - value / highest)
        parts.append(f'<path d="M0 {y:.1f}h{WIDE}" stroke="#ddd"/>')
        parts.append(f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for demand in (1, 2, 3, 4):
        x = WIDE * demand / max(DEMANDS)
        parts.append(f'<text x="{x:.1f}" y="{HIGH + 18}" text-anchor="middle">{demand}×</text>')
    parts.append(f'<text x="{WIDE / 2}" y="{HIGH + 36}" text-anchor="middle">units asked for, in places</text>')
    for curve, (colour, dash) in zip(curves.values(), STYLES, strict=True):
        points = [
            f"{WIDE * demand / max(DEMANDS):.1f},{HIGH * (1 - value / highest):.1f}"
            for demand, value in zip(DEMANDS, curve, strict=True)
        ]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-dasharray="{dash}"'
            ' stroke-width="2.5"/>'
        )
    return "\n".join(parts)


if __name__ == "__main__":
    main()
