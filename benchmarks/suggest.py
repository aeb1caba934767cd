"""Suggestions on a past draw of the Syrian pack: what the duals promise, and what a redraw then serves.

Usage: python -P benchmarks/suggest.py [REQUESTS ...]   (14000 by default). It starts its own PostgreSQL. Places are
those of two days, so that they are scarce.
The first table makes all suggested moves; the second adds one counter to each of the five offices where it promises
most.
"""

import runpy
import sys
from pathlib import Path
from time import perf_counter

from booking.country.policy.quota_table import Splitter
from booking.scheduling.quotas.history import read_past
from booking.scheduling.quotas.redraw import redraw, with_quotas
from booking.scheduling.quotas.suggest import DAYS_A_WEEK, suggestions

WHAT_IF = runpy.run_path(str(Path(__file__).with_name("what_if.py")))
OFFICES = 5
DAYS = 2
CASES = (("most", 10, 0), ("most", 0, 4), ("most", 10, 4), ("worst_wait", 10, 4))


def measure(number: int) -> None:
    """Print both tables for so many requests."""
    with WHAT_IF["a_past_draw"](number, DAYS) as (core, _):
        table, splitter = WHAT_IF["active_table"](core), Splitter(core.pack.country.units_per_slot)
        with core.sessions() as session:
            past = read_past(session, core, "d1")
    shadow = []
    print(f"\n{number:,} requests\n{'goal':<11} {'points':>6} {'counters':>8} {'moves':>5} {'seconds':>7}", end="")
    print(f" {'promised':>9} {'redrawn':>8} {'ratio':>6} {'people':>7} {'before':>7}")
    for goal, points, counters in CASES:
        started = perf_counter()
        found = suggestions(past, splitter, table, {"goal": goal, "points": points, "counters": counters})
        seconds = perf_counter() - started
        shadow = found["shadow"]
        promised, redrawn = found["promised_units"], found["simulated_units"]
        told = f"{promised:9.0f}" if promised is not None else f"{'-':>9}"
        ratio = f"{redrawn / promised:6.3f}" if promised else f"{'-':>6}"
        print(f"{goal:<11} {points:6} {counters:8} {len(found['moves']):5} {seconds:7.1f} {told} {redrawn:8,}", end="")
        print(f" {ratio} {found['simulated_people']:+7,} {found['people_before']:7,}", flush=True)
    weeks = len({slot.day for slot in past.slots}) / DAYS_A_WEEK
    before = redraw(past.frozen, past.seed).served_people
    print(f"{'one more counter at':<20} {'promised a week':>15} {'redrawn a week':>14} {'ratio':>6}")
    for one in shadow[:OFFICES]:
        more = with_quotas(
            past.frozen, past.slots, splitter, drawn_by=past.drawn_by, quotas=table, counters={one["office"]: 1}
        )
        gained = (redraw(more, past.seed).served_people - before) / weeks
        print(f"{one['office']:<20} {one['people']:15.1f} {gained:14.1f} {gained / one['people']:6.3f}", flush=True)


def main() -> None:
    """Measure each size."""
    for number in [int(word) for word in sys.argv[1:]] or [14_000]:
        measure(number)


if __name__ == "__main__":
    main()
