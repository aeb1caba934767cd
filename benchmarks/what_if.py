"""A what-if of a past draw on the Syrian pack, as a job works it out: seconds of each step, and what it says.

Usage: python -P benchmarks/what_if.py [REQUESTS ...]   (100000 by default). It starts its own PostgreSQL, fully
durable. The tried quotas give 8 per cent of each branch's day from instant booking to the draw, and the 8 of
walk-ins.
"""

import resource
import runpy
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.country.policy.quota_table import Level, QuotaTable, Scope, Splitter
from booking.opening import open_core
from booking.people.staff.create import create_staff
from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres
from booking.platform.models import QuotaPolicy, QuotaTrial
from booking.platform.models.policies.policy import TrialKind, TrialState
from booking.platform.models.states import Role
from booking.scheduling.draws import draw as draws
from booking.scheduling.quotas import drafts, trial_work
from booking.scheduling.quotas.drafts import read_quota
from booking.scheduling.quotas.history import read_past
from booking.scheduling.quotas.trials import ask_trial

GOAL_SECONDS = 10
NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
MORE_FOR_THE_DRAW = {"draw": "86", "urgent": "8", "instant": "2", "walk_in": "0", "accessible": "4"}
NATION = runpy.run_path(str(Path(__file__).with_name("nation.py")))


@contextmanager
def a_past_draw(number: int, days: int = NATION["DAYS"]) -> Iterator[tuple[Core, UUID]]:
    """Let so many ask for places of so many days, and draw; return the core and an analyst."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        migrate(server.url)
        settings = Settings(_env_file=None, secret_key=SecretStr("a secret for the benchmark, long enough"))
        clock = SettableClock(NOW)
        with open_core(settings, database_url=server.url, redis_url="unix:///nowhere", clock=clock) as core:
            NATION["fill"](core, server.dsn, number, days=days)
            NATION["open_draw"](core, "d1", clock.now() + timedelta(hours=1), days)
            clock.advance(timedelta(hours=1))
            for step in (draws.close, draws.run, draws.publish):
                step(core, "d1")
            analyst = create_staff(
                core,
                username="analyst",
                password="a turn for everyone",  # noqa: S106 - of a database that is gone in a minute
                phone="+963943000001",
                roles=(Role.ANALYST,),
                office_code=None,
                language="en",
                by=None,
            )
            yield core, analyst


def active_table(core: Core) -> QuotaTable:
    """Return the quotas that decide."""
    with core.sessions() as session:
        row = session.scalars(select(QuotaPolicy).where(QuotaPolicy.active)).one()
        return QuotaTable.read(row.shares, row.overrides)


def row(number: int) -> str:
    """Measure one what-if."""
    with a_past_draw(number) as (core, analyst):
        today = active_table(core)
        tried = today.with_row(Scope(Level.KIND, "branch"), read_quota("shares", MORE_FOR_THE_DRAW))
        splitter = Splitter(core.pack.country.units_per_slot)
        seconds = []
        started = perf_counter()
        with core.sessions() as session:
            past = read_past(session, core, "d1")
        seconds.append(perf_counter() - started)
        for table in (today, tried):
            started = perf_counter()
            trial_work.what_if(past, splitter, table)
            seconds.append(perf_counter() - started)
        draft_id = drafts.begin(core, title="more", by=analyst, table=tried)
        trial_id = ask_trial(core, kind=TrialKind.WHAT_IF, by=analyst, draft_id=draft_id)
        started, used = perf_counter(), process_time()
        trial_work.run(core, trial_id)
        whole, used = perf_counter() - started, process_time() - used
        with core.sessions() as session:
            trial = session.get_one(QuotaTrial, trial_id)
        assert trial.state is TrialState.DONE, trial.failure
        assert trial.result is not None
        (draw,) = trial.result["draws"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    served = [draw[side]["all"]["served"] for side in ("today", "draft")]
    met = "met" if whole < GOAL_SECONDS else "MISSED"
    return (
        f"{number:9,} {seconds[0]:7.2f} {seconds[1]:8.2f} {seconds[2]:8.2f} {whole:7.2f} {used:7.2f}"
        f" {whole / GOAL_SECONDS:6.2f} {met:>7} {peak:8,} {draw['today']['all']['asked']:8,}"
        f" {served[0]:8,} {served[1]:8,} {served[1] / served[0]:6.3f}"
    )


def main() -> None:
    """Print one table."""
    print(
        f"{'requests':>9} {'read s':>7} {'today s':>8} {'tried s':>8} {'job s':>7} {'its CPU':>7} {'of 10s':>6}"
        f" {'goal':>7} {'peak MB':>8} {'people':>8} {'served':>8} {'tried':>8} {'ratio':>6}"
    )
    for number in [int(word) for word in sys.argv[1:]] or [100_000]:
        print(row(number), flush=True)


if __name__ == "__main__":
    main()
