"""How long checking a draw takes from its files alone, as observers have them, and how that grows.

Usage: python -P benchmarks/verification.py [REQUESTS ...]   (10000 and 100000 by default)

Draws are invented without a database: 61 offices, 14 days and three bands, one request in three a party of two to six,
and half as many places as are asked for. Making one takes longer than checking it, and some 4 GB for a million. Each is
checked in a process of its own; `CPU` is what all its threads took. The last line fits how that grows.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from booking.platform.models.states import Pool
from booking.scheduling.draws.compensation import EVEN
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.receipt import WishRow
from tests.support.asked_rows import Asked, logged
from tests.support.draw_files import invented_draw
from tests.support.own_log import OwnLog

OFFICES: Final = [f"office-{number:02}" for number in range(61)]
AT_HOME: Final = 14
DAYS: Final = 14
HOURS: Final = {"morning": 6, "midday": 9, "afternoon": 12}
SLOTS: Final = 12
SERVICES: Final = ("civil-record", "first-passport", "identity-card", "passport-renewal", "power-of-attorney")
REHEARSED: Final = 120_000
HEADER: Final = f"{'requests':>9} {'seconds':>8} {'CPU':>7} {'peak MB':>8}  verified"


def main() -> None:
    """Print one table."""
    if len(sys.argv) == 3 and Path(sys.argv[1]).is_dir():
        print(row(Path(sys.argv[1]), int(sys.argv[2])))
        return
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 100_000]
    print(HEADER)
    used = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            publish(size, Path(folder))
            command = [sys.executable, "-P", __file__, folder, str(size)]
            line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()
        print(line, flush=True)
        used.append(float(line.split()[2]))
    if len(sizes) > 1:
        slope = np.polyfit(np.log(sizes), np.log(used), 1)[0]
        print(f"processor time grows as n^{slope:.2f} from {sizes[0]:,} to {sizes[-1]:,} requests")


def row(folder: Path, size: int) -> str:
    """Check the draw in a folder."""
    started, used = perf_counter(), process_time()
    report = verify_files(folder)
    seconds, used = perf_counter() - started, process_time() - used
    # not ru_maxrss, which a new process takes over from the one that began it, and that one invented the draw
    peak = int(Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) // 1024
    return f"{size:9,} {seconds:8.1f} {used:7.1f} {peak:8,}  {'yes' if report.ok else report.words()}"


def publish(size: int, folder: Path) -> None:
    """Write the files of a draw of so many requests."""
    random = np.random.default_rng(size)
    share = random.lognormal(0, 0.8, len(OFFICES))
    share[:AT_HOME] *= 9 / share[:AT_HOME].sum()
    share[AT_HOME:] /= share[AT_HOME:].sum()
    share /= share.sum()
    rule: dict[str, Any] = {"compensation_rule": EVEN, "compensation": {}} if size > REHEARSED else {}
    who, what = _asking(random, share), _places(size, share)
    drawn = invented_draw(size, days=DAYS, witnesses=1, asking=who, bins=what, solver_seconds=60, **rule)
    drawn.written(folder)


def _asking(random: np.random.Generator, share: np.ndarray[Any, Any]) -> Callable[..., Asked]:
    """Return who asks: for up to three offices near each other, most of them at home."""

    def ask(_: object, log: OwnLog, __: int, on: tuple[date, int], closes: datetime, **___: object) -> Asked:
        own = int(random.choice(len(OFFICES), p=share))
        first, many = (0, AT_HOME) if own < AT_HOME else (AT_HOME, len(OFFICES) - AT_HOME)
        near = [first + (own - first + step) % many for step in range(int(random.integers(1, 4)))]
        day = on[0] + timedelta(days=int(random.integers(DAYS)))
        party = int(random.integers(2, 7)) if random.random() < 1 / 3 else 1
        bands = sorted(HOURS) if random.random() < 1 / 2 else [str(random.choice(sorted(HOURS)))]
        wish = WishRow(
            service=str(random.choice(SERVICES)),
            party=party,
            units=party,
            offices=tuple(OFFICES[office] for office in near),
            first_day=day,
            last_day=None if random.random() < 1 / 3 else day + timedelta(days=int(random.integers(3, 20))),
            weekdays=127,
            bands=tuple(bands),
            needed_by=day + timedelta(days=9) if random.random() < 1 / 10 else None,
            accessible=False,
            door="home" if own < AT_HOME else "abroad",
            nonce=random.bytes(16),
        )
        return Asked(wish, logged(log, wish, closes - timedelta(hours=2)), random.bytes(16))

    return ask


def _places(size: int, share: np.ndarray[Any, Any]) -> Callable[..., Sequence[Bin]]:
    """Return which places there are: half of what is asked for, by the offices' shares."""

    def bins(random: np.random.Generator, _: int, __: int, begin: date) -> list[Bin]:
        made = []
        for office, code in enumerate(OFFICES):
            mean = size * 2 * share[office] / 2 / DAYS / len(HOURS) / SLOTS
            for day in range(DAYS):
                for band, hour in HOURS.items():
                    at = datetime.combine(begin + timedelta(days=day), time(hour), UTC)
                    free = np.maximum(1, np.rint(mean * random.uniform(0.6, 1.4, SLOTS))).astype(int).tolist()
                    slots = tuple(range(len(made) * SLOTS, (len(made) + 1) * SLOTS))
                    made.append(Bin(code, True, at.date(), band, Pool.DRAW, at, slots, tuple(free)))  # noqa: FBT003
        return made

    return bins


if __name__ == "__main__":
    main()
