"""Whether jobs are run, for Prometheus: the workers' last beat, the oldest due job, jobs that failed for good."""

import math

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.operations.worker.views import COUNTED_FOR, due_by_queue, list_failed, read_worker


class JobsRun(Collector):
    """Read from the database when it is asked for; nothing while it is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return gauges; no worker at all is an infinite age."""
        beat = GaugeMetricFamily("mawid_worker_heartbeat_age_seconds", "Since the last sign of life of any worker.")
        due = GaugeMetricFamily("mawid_jobs_due_age_seconds", "That the oldest due job has waited.")
        by_queue = GaugeMetricFamily(
            "mawid_queue_due_age_seconds", "That the oldest due job of a queue has waited.", labels=["queue"]
        )
        failed = GaugeMetricFamily("mawid_jobs_failed", "Jobs that failed for good in the last day.", labels=["job"])
        try:
            worker, failures = read_worker(self._core), list_failed(self._core, within=COUNTED_FOR)
            waits = due_by_queue(self._core)
        except SQLAlchemyError:
            return []  # /readyz says that the database does not answer
        beat.add_metric([], math.inf if worker.beat_seconds is None else worker.beat_seconds)
        due.add_metric([], worker.due_seconds)
        for queue, seconds in waits.items():
            by_queue.add_metric([queue], seconds)
        for one in failures:
            failed.add_metric([one.name], one.count)
        return [beat, due, by_queue, failed]
