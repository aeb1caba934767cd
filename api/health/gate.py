"""What the gate does, for Prometheus: attempts judged, the time of each stage, what jobs measured and replayed."""

from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.platform.models import GateMeasure, ReplayRun
from fraud.limiting.limiter import Limiter
from fraud.stage_times import BOUNDS, StageTimes


class LimiterCounts(Collector):
    """The limiter's own counts, read when they are asked for."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    @override
    def collect(self) -> list[Metric]:
        """Return the sums by kind, calls that failed among them, and attempts by action and outcome."""
        sums = CounterMetricFamily("mawid_limiter", "Attempts judged by the limiter.", labels=["kind"])
        for kind, count in self._limiter.counts().items():
            sums.add_metric([kind], count)
        attempts = CounterMetricFamily(
            "mawid_limiter_attempts",
            "Attempts by action; degraded ones are counted twice.",
            labels=["action", "outcome"],
        )
        for action, counts in self._limiter.counts_by_action().items():
            attempts.add_metric([action, "admitted"], counts["decided"] - counts["refused"])
            attempts.add_metric([action, "refused"], counts["refused"])
            attempts.add_metric([action, "degraded"], counts["degraded"])
        return [sums, attempts]


class GateSeconds(Collector):
    """The seconds of each stage of the gate."""

    def __init__(self, times: StageTimes) -> None:
        self._times = times

    @override
    def collect(self) -> list[Metric]:
        """Return one histogram with a label for each stage."""
        family = HistogramMetricFamily("mawid_gate_seconds", "Seconds of a stage of the gate.", labels=["stage"])
        for stage, (counts, total) in self._times.read().items():
            bounds = [*map(str, BOUNDS), "+Inf"]
            family.add_metric([stage], list(zip(bounds, accumulate(counts), strict=True)), total)
        return [family]


class ReplayDifferences(Collector):
    """What the latest replay of the gate's verdicts found: anything but zero is a fault to look into."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return the verdicts of the latest replay, and those that came out otherwise by what differed."""
        repeated = GaugeMetricFamily("mawid_replay_verdicts", "Verdicts that the latest replay repeated.")
        differing = GaugeMetricFamily("mawid_replay_differences", "Verdicts that came out otherwise.", labels=["what"])
        try:
            with self._core.sessions() as session:
                run = session.scalar(select(ReplayRun).order_by(ReplayRun.finished_at.desc()).limit(1))
        except SQLAlchemyError:
            return []  # /readyz says that the database does not answer
        if run is not None:
            repeated.add_metric([], run.repeated)
            for what, count in run.differences.items():
                differing.add_metric([what], count)
        return [repeated, differing]


class GateMeasures(Collector):
    """What jobs measured about the gate last, read when it is asked for; nothing while the database is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return one gauge: the stability index of each fact, the calibration gap of each band of scores."""
        family = GaugeMetricFamily("mawid_gate", "Measured about the gate by a job.", labels=["measure", "subject"])
        try:
            with self._core.sessions() as session:
                for row in session.scalars(select(GateMeasure)):
                    family.add_metric([row.name, row.subject], row.value)
        except SQLAlchemyError:
            return []
        return [family]
