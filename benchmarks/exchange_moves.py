"""A night of the exchange on a real database: how long its longest transaction, and its closing, hold what they need.

Run with ``./run bench exchange_moves [--moves 250 1000]``. So many holders at one office wish for another of its days,
which has room for all of them; the night is announced, closed, decided and given out as the job does it. Seconds are of
the clock, with the processor time of this process beside them; the server is a private one, as durable as a small
site's.
"""

import argparse
import tempfile
from pathlib import Path
from time import monotonic, process_time

from sqlalchemy import event

from booking.country.core.roles import migrate_and_grant
from booking.platform.embedded import EmbeddedPostgres, Servers, roles
from booking.platform.models.states import Pool
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.nights import announce, close
from booking.scheduling.swaps.wish import Choice, wish
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.scheduling.draws.world import FIRST_DAY, World

HOUR = DAY / 24


class Transactions:
    """How long the transactions of an engine last: the longest one, in seconds of the clock and of the processor."""

    def __init__(self, world: World) -> None:
        self.longest = (0.0, 0.0)
        self._began = (0.0, 0.0)
        engine = world.core.sessions.kw["bind"]
        event.listen(engine, "begin", lambda _: self._begin())
        event.listen(engine, "commit", lambda _: self._end())

    def _begin(self) -> None:
        self._began = monotonic(), process_time()

    def _end(self) -> None:
        clock, processor = self._began
        self.longest = max(self.longest, (monotonic() - clock, process_time() - processor))


def a_night(world: World, moves: int) -> tuple[float, ...]:
    """Let so many move in one night; return the seconds of its closing, its longest transaction, and giving all out.

    Each by the clock and of the processor.
    """
    world.office("a")
    _, second = (world.slots("a", FIRST_DAY + step * DAY, {Pool.DRAW: [2 * moves]}) for step in (0, 1))
    world.published(days=3)
    for _ in range(moves):
        reference = an_appointment(world, {second[0]: 1}, "a")
        account = found(world, reference).request.account_id
        wish(world.core, account_id=account, reference=reference, choices=[Choice("a", FIRST_DAY, FIRST_DAY, ())])
    announce(world.core, reference="x-1", closes_at=world.clock.now() + HOUR)
    world.clock.advance(HOUR)
    closing = monotonic(), process_time()
    close(world.core, "x-1")
    closed = monotonic() - closing[0], process_time() - closing[1]
    lasting, clock, processor = Transactions(world), monotonic(), process_time()
    night = decide(world.core, "x-1")
    if night.figures["moved"] != moves:
        raise SystemExit(f"{night.figures['moved']} of {moves} moved")
    return *closed, *lasting.longest, monotonic() - clock, process_time() - processor


def main() -> None:
    """Play the nights and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, nargs="+", default=[250, 1_000])
    given = parser.parse_args()
    named = " | ".join(
        f"{name}, s | of the processor here, s" for name in ("closing", "longest transaction", "given out")
    )
    print(f"| moves | {named} |\n|{'---:|' * 7}")
    for moves in given.moves:
        with tempfile.TemporaryDirectory() as name, EmbeddedPostgres(Path(name) / "p") as postgres:
            app, owner, reader = map(postgres.url_of, (roles.APP, roles.OWNER, roles.READER))
            migrate_and_grant(Servers(app, "unix:///nowhere", owner, reader))
            with open_world(owner, address=app, state_dir=Path(name)) as world:
                seconds = " | ".join(f"{each:.2f}" for each in a_night(world, moves))
        print(f"| {moves:,} | {seconds} |", flush=True)


if __name__ == "__main__":
    main()
