"""What waits for staff, for Prometheus: appeals by their last day, open questions about approvals by kind."""

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from booking.country.core.core import Core
from booking.platform.models import ReviewCase
from booking.platform.models.requests.case import WATCH_KINDS, CaseState
from booking.scheduling.requests.appeals import count_appeals


class WaitingForStaff(Collector):
    """Read when it is asked for; nothing while the database is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return two gauges; overdue appeals are an alarm."""
        appeals = GaugeMetricFamily("mawid_appeals", "Open appeals by how soon they must be answered.", labels=["due"])
        questions = GaugeMetricFamily("mawid_questions", "Open questions about approvals.", labels=["kind"])
        try:
            counts = count_appeals(self._core)
            with self._core.sessions() as session:
                rows = session.execute(
                    select(ReviewCase.kind, func.count())
                    .where(ReviewCase.state == CaseState.OPEN, ReviewCase.kind.in_(WATCH_KINDS))
                    .group_by(ReviewCase.kind)
                ).all()
        except SQLAlchemyError:
            return []  # /readyz says that the database does not answer
        for due, count in counts.items():
            appeals.add_metric([due.value], count)
        open_questions = {row[0]: row[1] for row in rows}
        for kind in WATCH_KINDS:
            questions.add_metric([kind.value], open_questions.get(kind, 0))
        return [appeals, questions]
