"""What every process of Mawid measures of itself, for Prometheus: its build, its connections, memory and time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib import metadata
from platform import python_version
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool, text
from typing_extensions import override

from booking.country.core.core import Core
from booking.platform.base.clock import Clock, SystemClock
from booking.platform.base.db import most_connections
from booking.platform.files.place import FilesMeasured

BUILT_OF: Final = ("mawid", "sqlalchemy", "psycopg", "ortools")


def add_own(registry: CollectorRegistry, core: Core) -> None:
    """Add what every process measures; its processor time, memory and descriptors are those that Prometheus knows."""
    registry.register(Build())
    registry.register(Connections(core))
    registry.register(FilesMeasured(core.files.calls))
    if core.replica is not None:
        registry.register(ReplicaMeasures(core))
    ProcessCollector(registry=registry)


class Build(Collector):
    """Which versions the process runs."""

    def __init__(self) -> None:
        self._versions = _versions()

    @override
    def collect(self) -> list[Metric]:
        """Return one line with all versions."""
        build = InfoMetricFamily("mawid_build", "Versions of what the process runs.")
        build.add_metric([], self._versions)
        return [build]


@cache
def _versions() -> dict[str, str]:
    """Return versions by name, read once a process: each is parsed from a file of its package."""
    return {name: metadata.version(name) for name in BUILT_OF} | {"python": python_version()}


class Connections(Collector):
    """The connections to the database that the process has, and how many it may have at most."""

    def __init__(self, core: Core) -> None:
        self._pool = core.sessions.kw["bind"].pool

    @override
    def collect(self) -> list[Metric]:
        """Return connections by what they do, and how many there may be; nothing for an engine without a pool."""
        if not isinstance(self._pool, QueuePool):
            return []
        now = GaugeMetricFamily(
            "mawid_database_connections", "Connections of the pool: in use, lying ready.", labels=["doing"]
        )
        now.add_metric(["in_use"], self._pool.checkedout())
        now.add_metric(["ready"], self._pool.checkedin())
        most = GaugeMetricFamily("mawid_database_connections_most", "Connections that the pool may have at most.")
        most.add_metric([], most_connections(self._pool.size()))
        return [now, most]


class ReplicaMeasures(Collector):
    """What the standby answered, what the database had to answer instead, and how old the standby is."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return reads by who answered, and the age where it is known."""
        if self._core.replica is None:
            return []
        counts = self._core.replica.counts()
        reads = CounterMetricFamily(
            "mawid_replica_reads", "Reads of what may be seconds old, by who answered.", labels=["answered"]
        )
        reads.add_metric(["replica"], counts.answered)
        reads.add_metric(["primary"], counts.passed_on)
        age = GaugeMetricFamily("mawid_replica_age_seconds", "How old the standby was known to be; missing: away.")
        if counts.age is not None:
            age.add_metric([], counts.age)
        return [reads, age]


FARTHEST: Final = timedelta(minutes=2)
"""From the database's clock: draws close on the minute, and what lapses cannot be taken back."""


class WrongClockError(Exception):
    """The machine's clock is not that of the database: nothing was done that time decides."""


def ahead_of(clock: Clock, read: Callable[[], datetime]) -> timedelta:
    """Return how far a clock is ahead of the one that is read, behind it below zero; what the question took is free."""
    before = clock.now()
    theirs = read()
    after = clock.now()
    return before - theirs if before > theirs else min(after - theirs, timedelta(0))


def require_right_clock(core: Core) -> None:
    """Refuse to go on where the machine's clock is far from the database's; a clock that was set on purpose is right.

    Raises
    ------
    WrongClockError
        It is more than two minutes ahead or behind.
    """
    if not isinstance(core.clock, SystemClock):
        return
    with core.sessions() as session:
        off = ahead_of(core.clock, lambda: session.execute(text("SELECT clock_timestamp()")).scalar_one())
    if abs(off) > FARTHEST:
        way = "ahead of" if off > timedelta(0) else "behind"
        raise WrongClockError(
            f"this machine's clock is {abs(off).total_seconds():.0f} seconds {way} that of the database:"
            " keep both by NTP (`mawid doctor` compares them)"
        )
