"""What only administrators' page knew, for Prometheus: room, backups, certificates, draws that are held up."""

import math

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.operations.health.queues import Ran, last_backup, list_certificates, list_runs, read_draws, read_room


class Running(Collector):
    """Read when it is asked for; what is not known is left out, and a backup that nobody sees is infinitely old."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return gauges; every one of them is worth an alarm (docs/runbook.md)."""
        now, settings = self._core.clock.now(), self._core.settings
        room = GaugeMetricFamily("mawid_disk_free_ratio", "Free part of the disk that holds evidence.")
        backup = GaugeMetricFamily("mawid_backup_age_seconds", "Since the last backup in MAWID_BACKUPS_DIR.")
        tried = GaugeMetricFamily("mawid_backup_tried", "1 where a trial restore of the last backup was well, else 0.")
        ends = GaugeMetricFamily("mawid_certificate_seconds", "Until a certificate ends.", labels=["setting"])
        held = GaugeMetricFamily("mawid_draws_held", "Draws, and nights of the exchange, whose next step is long due.")
        coming = GaugeMetricFamily("mawid_next_draw_seconds", "Until the next draw closes.")
        jobs = GaugeMetricFamily(
            "mawid_job_runs", "Jobs that run by themselves, by how their last run stands.", labels=["ran"]
        )
        room.add_metric([], read_room(settings).share)
        if settings.backups_dir is not None:
            made = last_backup(settings)
            backup.add_metric([], math.inf if made is None else (now - made.made_at).total_seconds())
            tried.add_metric([], float(made is not None and made.verified_at is not None))
        for one in list_certificates(settings):
            ends.add_metric([one.setting], -math.inf if one.at is None else (one.at - now).total_seconds())
        families: list[Metric] = [room, backup, tried, ends]
        try:
            draws, runs = read_draws(self._core), list_runs(self._core)
        except SQLAlchemyError:
            return families  # /readyz says that the database does not answer
        held.add_metric([], len(draws.held) + len(draws.nights))
        if draws.next is not None:
            coming.add_metric([], (draws.next.closes_at - now).total_seconds())
        for ran in Ran:
            jobs.add_metric([ran.value], sum(one.ran is ran for one in runs))
        return [*families, held, coming, jobs]
