"""A whole draw of a nation on PostgreSQL: seconds of each step and how good the plan is.

Usage: ``./run bench draw [REQUESTS ...] [--one-office]`` (20000 by default). It fills its own durable PostgreSQL with
`benchmarks/nation.py`; what is measured begins at the closing. Processor time is of this process, and of PostgreSQL
with all its backends; both wait for nobody. *Longest wait*: of somebody who, all the time and one request after the
other, locks a request of the draw to change it.
"""

import argparse
import resource
import runpy
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, process_time
from typing import Any

import psycopg
from pydantic import SecretStr

from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres
from booking.platform.models import Draw
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.verification import verify_files

NATION = runpy.run_path(str(Path(__file__).with_name("nation.py")))
used = runpy.run_path(str(Path(__file__).parent / "replayed" / "processor.py"))["total"]
NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
BETWEEN_TRIES = 0.05


def main() -> None:
    """Print one table for each number of requests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=int, nargs="*", default=[20_000])
    parser.add_argument("--one-office", action="store_true", help="everybody asks for the same one")
    options = parser.parse_args()
    for number in options.requests:
        with tempfile.TemporaryDirectory() as folder, NATION["LargePostgres"](Path(folder)) as server:
            migrate(server.url)
            settings, clock = Settings(_env_file=None, secret_key=SecretStr(NATION["SECRET"])), SettableClock(NOW)
            with open_core(settings, database_url=server.url, redis_url="unix:///nowhere", clock=clock) as core:
                NATION["fill"](core, server.dsn, number, one_office=options.one_office)
                NATION["open_draw"](core, "d1", NOW + timedelta(hours=1))
                clock.advance(timedelta(hours=1))
                print(f"\n{number:,} requests{' for one office' * options.one_office}\n")
                print("| | seconds | this process | PostgreSQL | longest wait |")
                print("|---|---:|---:|---:|---:|")
                measure(core, server)


def measure(core: Core, server: EmbeddedPostgres) -> None:
    """Print a row for each step of an open draw, and what came of it."""
    for step in (draws.close, draws.run, draws.publish):
        draw = timed(step.__name__, lambda step=step: step(core, "d1"), server)
    files = {name: file.content for name, file in draws.files(core, "d1").items()}
    report = timed("verify", lambda: verify_files(files), server)
    with psycopg.connect(server.dsn) as connection:
        (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak of this process {peak:.1f} GB, database {size / 2**30:.1f} GB; {words(draw)}; ", end="")
    print("verified" if report.ok else report.words())


def words(draw: Draw) -> str:
    """Say how good the plan is."""
    figures = draw.figures
    first = figures["first_choice"] / max(1, figures["served_requests"])
    return f"{figures['served_requests']:,} served, gap {figures['gap']:.4%}, first choice {first:.1%}"


def timed(name: str, step: Callable[[], Any], server: EmbeddedPostgres) -> Any:
    """Do a step and print its row."""
    with somebody_else(server.dsn) as waits:
        began, ours, theirs = perf_counter(), process_time(), used(server.process_id)
        done = step()
        seconds, ours, theirs = perf_counter() - began, process_time() - ours, used(server.process_id) - theirs
    print(f"| {name} | {seconds:.1f} | {ours:.1f} | {theirs:.1f} | {max(waits, default=0):.2f} |", flush=True)
    return done


@contextmanager
def somebody_else(dsn: str) -> Iterator[list[float]]:
    """Lock one request after the other, as who changes one does, and note how long that waits."""
    waits: list[float] = []
    over = Event()

    def change() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM request LIMIT 1000")]
            while not over.wait(BETWEEN_TRIES):
                began = perf_counter()
                connection.execute("SELECT FROM request WHERE id = %s FOR UPDATE", [ids[len(waits) % len(ids)]])
                waits.append(perf_counter() - began)

    other = Thread(target=change)
    other.start()
    try:
        yield waits
    finally:
        over.set()
        other.join()


if __name__ == "__main__":
    main()
