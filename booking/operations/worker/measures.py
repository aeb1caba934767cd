"""What a worker measures of the jobs that it runs, for Prometheus."""

import time
from collections import Counter, defaultdict
from threading import Lock

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override


class JobsEnded(Collector):
    """Jobs by how they ended, and their seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._began = time.time()

    def ended(self, job: str, outcome: str, seconds: float) -> None:
        """Count a job that ended."""
        with self._lock:
            self._ended[job, outcome] += 1
            self._seconds[job] += seconds

    @override
    def collect(self) -> list[Metric]:
        """Return two counters, and since when the worker runs."""
        with self._lock:
            ended, seconds = dict(self._ended), dict(self._seconds)
        jobs = CounterMetricFamily("mawid_worker_jobs", "Jobs that ended here.", labels=["job", "outcome"])
        for (job, outcome), count in ended.items():
            jobs.add_metric([job, outcome], count)
        took = CounterMetricFamily("mawid_worker_job_seconds", "Seconds that jobs took here.", labels=["job"])
        for job, sum_of_seconds in seconds.items():
            took.add_metric([job], sum_of_seconds)
        began = GaugeMetricFamily("mawid_worker_began_seconds", "When the worker began, as Unix time.")
        began.add_metric([], self._began)
        return [jobs, took, began]
