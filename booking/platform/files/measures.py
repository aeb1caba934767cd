"""What a process measures of the place for files, for Prometheus."""

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from booking.platform.files.calls import FileCalls, FilesState


class FilesMeasured(Collector):
    """Calls by what was asked and how they ended, their seconds, and whether the place does its part."""

    def __init__(self, calls: FileCalls) -> None:
        self._calls = calls

    @override
    def collect(self) -> list[Metric]:
        """Return the counts of this process."""
        counts = self._calls.read()
        calls = CounterMetricFamily(
            "mawid_files_calls",
            "Calls of the place for encrypted files; any outcome but answered and missing failed.",
            labels=["call", "outcome"],
        )
        for (call, outcome), count in counts.ended.items():
            calls.add_metric([call, outcome], count)
        seconds = CounterMetricFamily("mawid_files_seconds", "Seconds that these calls took.", labels=["call"])
        for call, took in counts.seconds.items():
            seconds.add_metric([call], took)
        away = GaugeMetricFamily("mawid_files_away", "1 while the place for encrypted files does not do its part.")
        away.add_metric([], self._calls.state is FilesState.AWAY)
        return [calls, seconds, away]
