"""Whether other systems are told of events, for Prometheus: what waits, since when, what was given up, who fails."""

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.people.webhooks.hand_out import MOST_COUNTED, measure


class EventsSent(Collector):
    """Read from the database when it is asked for; nothing while it is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return five gauges, none of which names a receiver."""
        try:
            found = measure(self._core)
        except SQLAlchemyError:
            return []  # /readyz says that the database does not answer
        receivers = GaugeMetricFamily("mawid_event_receivers", "Systems told of events, by how.", labels=["state"])
        for state, count in found.receivers.items():
            receivers.add_metric([state], count)
        waiting = GaugeMetricFamily(
            "mawid_events_waiting",
            f"Deliveries of events that wait, of receivers not paused; {MOST_COUNTED} of each at most.",
        )
        waiting.add_metric([], found.waiting)
        overdue = GaugeMetricFamily(
            "mawid_events_overdue_seconds",
            "Age of the oldest event that nobody tried to tell a system which does not fail.",
        )
        overdue.add_metric([], found.overdue_seconds)
        tries = GaugeMetricFamily(
            "mawid_event_answers", "Deliveries last tried within the hour, by answer.", labels=["answer"]
        )
        for answer, count in found.answers.items():
            tries.add_metric([answer], count)
        given_up = GaugeMetricFamily("mawid_events_given_up", "Deliveries given up within the hour.")
        given_up.add_metric([], found.given_up)
        return [receivers, waiting, overdue, tries, given_up]
