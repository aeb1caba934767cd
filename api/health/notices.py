"""Whether people are reached, for Prometheus: notices that wait, tries of the last hour, notices given up."""

from datetime import timedelta
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.platform.base.message_states import MessageState
from booking.platform.models import Delivery, Message

PERIOD: Final = timedelta(hours=1)


class NoticesSent(Collector):
    """Read from the database when it is asked for: jobs send, web processes answer; nothing while it is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Yield four gauges; notices that are overdue for minutes, or given up, are an alarm."""
        waiting = GaugeMetricFamily("mawid_notices_waiting", "Notices that wait for the morning or for a try.")
        overdue = GaugeMetricFamily("mawid_notices_overdue_seconds", "Age of the oldest notice that could be sent now.")
        tries = GaugeMetricFamily(
            "mawid_notice_tries", "Tries of the last hour to send a notice.", labels=["channel", "outcome"]
        )
        dead = GaugeMetricFamily("mawid_notices_dead", "Notices that no channel took, given up in the last hour.")
        now = self._core.clock.now()
        due = func.coalesce(Message.next_at, Message.not_before, Message.created_at) <= now
        waits = Message.state == MessageState.WAITING
        recent = Delivery.at > now - PERIOD
        try:
            with self._core.sessions() as session:
                waiting.add_metric([], session.scalar(select(func.count()).select_from(Message).where(waits)) or 0)
                oldest = session.scalar(select(func.min(Message.created_at)).where(waits, due))
                overdue.add_metric([], 0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
                rows = session.execute(
                    select(Delivery.channel, Delivery.outcome, func.count())
                    .where(recent)
                    .group_by(Delivery.channel, Delivery.outcome)
                ).all()
                given_up = session.scalar(
                    select(func.count(func.distinct(Message.id)))
                    .join(Delivery, Delivery.message_id == Message.id)
                    .where(recent, Message.state == MessageState.DEAD)
                )
        except SQLAlchemyError:
            return []  # /readyz says that the database does not answer
        for channel, outcome, count in rows:
            tries.add_metric([channel.value, outcome.value], count)
        dead.add_metric([], given_up or 0)
        return [waiting, overdue, tries, dead]
