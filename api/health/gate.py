"""What the gate does, for Prometheus: attempts judged by the limiter, and the time that each stage takes."""

from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

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
