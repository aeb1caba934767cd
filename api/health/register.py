"""How the register does, for Prometheus: seconds and outcomes by call, and whether it is left alone now."""

from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from booking.country.core.register import BOUNDS, RegisterCalls, RegisterState


class RegisterMeasures(Collector):
    """What this process saw of the register."""

    def __init__(self, calls: RegisterCalls) -> None:
        self._calls = calls

    @override
    def collect(self) -> list[Metric]:
        """Return the seconds of each kind of call, its outcomes, and 1 for a register that is away."""
        seconds = HistogramMetricFamily(
            "mawid_register_seconds", "Seconds until the register answered, or did not.", labels=["call"]
        )
        outcomes = CounterMetricFamily(
            "mawid_register_calls",
            "Questions to the register; any outcome but answered failed.",
            labels=["call", "outcome"],
        )
        bounds = [*map(str, BOUNDS), "+Inf"]
        for call, times in self._calls.read().items():
            seconds.add_metric([call], list(zip(bounds, accumulate(times.buckets), strict=True)), times.seconds)
            for outcome, count in times.outcomes.items():
                outcomes.add_metric([call, outcome], count)
        away = GaugeMetricFamily("mawid_register_away", "1 while the register did not answer several times in a row.")
        away.add_metric([], self._calls.state is RegisterState.AWAY)
        return [seconds, outcomes, away]
