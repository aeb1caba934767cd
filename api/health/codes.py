"""What one-time codes cost, for Prometheus: sent, held back by a limit, and whether the day's budget runs out."""

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from booking.country.core.code_counts import CodeCounts


class CodesCounted(Collector):
    """One-time codes sent and held back by this process: sum over all processes to watch the bill."""

    def __init__(self, counts: CodeCounts) -> None:
        self._counts = counts

    @override
    def collect(self) -> list[Metric]:
        """Return codes by what became of them, and the alert: codes sent while the day's budget was nearly used."""
        sent, held_back, warnings = self._counts.read()
        codes = CounterMetricFamily(
            "mawid_codes", "One-time codes, sent or held back by a limit.", labels=["outcome", "limit"]
        )
        codes.add_metric(["sent", ""], sent)
        for subject, count in held_back.items():
            codes.add_metric(["held_back", subject], count)
        alert = CounterMetricFamily("mawid_code_budget_alerts", "Codes sent beyond the warning of the day's budget.")
        alert.add_metric([], warnings)
        return [codes, alert]
