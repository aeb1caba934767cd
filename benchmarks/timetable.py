"""The timetable of one office-day, and its repair: process time, what was reached, what is proven.

Usage: python -P benchmarks/timetable.py [DAYS]   (how many sample days of each kind; 5 by default)
"""

import sys
from collections.abc import Sequence
from statistics import median
from time import process_time

from allocation.timetabling import OfficeDay, Reached, Timetable, repair_day, sample_day, solve_day
from allocation.timetabling.pack_day import question

DAYS: dict[str, dict[str, float]] = {
    "300 people, 92 % full": {},
    "300 people, 96 % full": {"load": 0.96},
    "300 people, 99 % full": {"load": 0.99},
    "300 people, 2 % too many": {"load": 1.02},
    "300 people, 60 % want the morning": {"morning": 0.6},
    "1,000 people, 40 counters": {"people": 1000, "counters": 40},
}
SURPRISES: dict[str, tuple[slice, slice]] = {
    "repair: nothing changed": (slice(0), slice(0)),
    "repair: a counter closes for an hour": (slice(4, 5), slice(22, 26)),
    "repair: a counter closes for the rest of the day": (slice(4, 5), slice(22, None)),
    "repair: the office loses an hour": (slice(None), slice(22, 26)),
}
"""Counters and units that close."""
KNOWN = 20
"""The first unit that has not begun when the surprise is known."""
HEADER = (
    f"{'':50} {'days':>4} {'optimal':>7} {'median s':>8} {'worst s':>8}  values of the goals (bound where it is lower)"
)


def main() -> None:
    """Print one table."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    solve_day(sample_day(20))  # compile
    print(HEADER)
    for name, shape in DAYS.items():
        print(row(name, [solved(sample_day(seed=seed, **shape)) for seed in range(days)]), flush=True)  # type: ignore[arg-type]
    for name, closes in SURPRISES.items():
        print(row(name, [repaired(sample_day(seed=seed, load=0.88), closes) for seed in range(days)]), flush=True)
    print(row("CP-SAT alone, 300 people, 92 % full", [by_cp_sat(sample_day(seed=seed)) for seed in range(days)]))


def solved(day: OfficeDay) -> tuple[float, Sequence[Reached]]:
    """Measure the timetable of a day."""
    began = process_time()
    found = solve_day(day)
    return process_time() - began, found.goals


def repaired(day: OfficeDay, closes: tuple[slice, slice]) -> tuple[float, Sequence[Reached]]:
    """Measure the repair of a day on which the opening changes."""
    told: Timetable = solve_day(day)
    left = day.open.copy()
    left[closes] = False
    began = process_time()
    found = repair_day(day, told.person_start, told.person_counter, open=left, now=KNOWN)
    return process_time() - began, found.goals


def by_cp_sat(day: OfficeDay, work: float = 10.0) -> tuple[float, Sequence[Reached]]:
    """Measure the same model without local search, told that everyone fits with every wish and the shortest visit."""
    began = process_time()
    asked = question(day, range(day.parties))
    packed, start = asked.make(0)
    room = packed.room.copy()
    for goal in packed.goals[:3]:
        room[goal.rows] = 0
    answer = asked.exact(packed).minimise(3, room, start, least=0, most=day.people, work=work)
    value = day.people if answer.choice is None else packed.values(answer.choice)[3]
    return process_time() - began, [Reached("most people who arrive in one unit", value, answer.bound)]


def row(name: str, runs: list[tuple[float, Sequence[Reached]]]) -> str:
    """Write one line."""
    seconds = [time for time, _ in runs]
    optimal = sum(all(goal.value == goal.bound for goal in goals) for _, goals in runs)
    reached = "  ".join(" ".join(_value(goal) for goal in goals) for _, goals in runs)
    return f"{name:50} {len(runs):4} {optimal:7} {median(seconds):8.2f} {max(seconds):8.2f}  {reached}"


def _value(goal: Reached) -> str:
    return f"{goal.value}" if goal.value == goal.bound else f"{goal.value}({goal.bound})"


if __name__ == "__main__":
    main()
