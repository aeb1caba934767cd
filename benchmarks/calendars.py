"""Processor time to answer a program that reads a calendar: what it has already (tag), and the whole text.

./run bench calendars
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from booking.people.calendars.writing import Entry, Status, Written

ROUNDS = 30
BEGIN = datetime(2026, 12, 1, 6, tzinfo=UTC)
SIZES = (
    ("one person's appointments", 4),
    ("an office's day and two more", 900),
    ("an office's two weeks, by time", 420),
)


def calendar(entries: int) -> Written:
    """Return a calendar of an office at home, an entry each ten minutes."""
    return Written(
        "مواعيدي",
        [
            Entry(
                uid=f"{n}@mawid",
                revision=1,
                stamp=BEGIN,
                status=Status.CONFIRMED,
                starts_at=BEGIN + timedelta(minutes=10 * n),
                ends_at=BEGIN + timedelta(minutes=10 * n + 15),
                zone="Asia/Damascus",
                summary="1 × تجديد جواز السفر (AAA-BBB-CCC)",
                location="فرع دمشق",
            )
            for n in range(entries)
        ],
    )


def milliseconds(work: Callable[[], object]) -> float:
    """Return the processor time of the fastest round: what else runs here only adds to it."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        work()
        found.append((time.process_time_ns() - began) / 1e6)
    return min(found)


print(f"{'calendar':34}{'entries':>8}{'tag ms':>10}{'text ms':>10}{'bytes':>10}")
for name, entries in SIZES:
    one = calendar(entries)
    tag, text = milliseconds(lambda one=one: one.tag), milliseconds(one.text)
    print(f"{name:34}{entries:>8}{tag:>10.2f}{text:>10.1f}{len(one.text()):>10,}")
print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
