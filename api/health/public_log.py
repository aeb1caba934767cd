"""Whether the public log and the draws go on, for Prometheus: what waits, what is signed, and by whom."""

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.platform.models import LogPending
from booking.scheduling.draws.schedule import held_up
from booking.transparency.log.views import show_log


class PublicLog(Collector):
    """Read from the database when it is asked for; nothing while it is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Yield four gauges; what waits for minutes, and a witness that stays behind, are an alarm.

        So is a draw that is held up by anything but its beacon or witnesses: the label is the class of an error.
        """
        waiting = GaugeMetricFamily("mawid_log_waiting", "Entries that are not in the public log yet.")
        signed = GaugeMetricFamily("mawid_log_signed", "Entries of the public log that are signed.")
        seen = GaugeMetricFamily("mawid_log_witness_signed", "Entries that a witness signed last.", labels=["witness"])
        held = GaugeMetricFamily("mawid_draws_held_up", "Draws kept from their next step.", labels=["reason"])
        try:
            for reason, number in sorted(held_up(self._core).items()):
                held.add_metric([reason], number)
            log = show_log(self._core)
            with self._core.sessions() as session:
                waiting.add_metric([], session.scalar(select(func.count()).select_from(LogPending)) or 0)
        except SQLAlchemyError:
            return []  # /readyz says that the database does not answer
        signed.add_metric([], log.size)
        for one in log.witnesses:
            seen.add_metric([one.name], one.seen_size or 0)
        return [waiting, signed, seen, held]
