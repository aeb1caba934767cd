"""Open appeals in the order of their last days, and how soon each must be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.country.core.core import Core
from booking.platform.models import Appeal, Request
from booking.scheduling.requests.answer_in_time import waits_for_answer

MOST_ROWS: Final = 200
SOON_DAYS: Final = 3


class Due(StrEnum):
    """How an appeal stands to its last day."""

    OVERDUE = "overdue"
    SOON = "soon"
    IN_TIME = "in_time"


@dataclass(frozen=True, slots=True)
class AppealLine:
    """An appeal in the queue."""

    appeal: Appeal
    due: Due


def due(answer_by: date, today: date) -> Due:
    """Return how soon an appeal must be answered: overdue from the day after its last one, soon three days before."""
    days = (answer_by - today).days
    return Due.OVERDUE if days < 0 else Due.SOON if days <= SOON_DAYS else Due.IN_TIME


def list_appeals(core: Core) -> Sequence[AppealLine]:
    """List the appeals that wait for an answer, by their last day, then as they came."""
    with core.sessions() as session:
        appeals = session.scalars(
            select(Appeal)
            .where(waits_for_answer())
            .order_by(Appeal.answer_by, Appeal.created_at, Appeal.id)
            .limit(MOST_ROWS)
            .options(joinedload(Appeal.request).selectinload(Request.errands))
        ).all()
        return [AppealLine(appeal, due(appeal.answer_by, core.today())) for appeal in appeals]


def count_appeals(core: Core) -> dict[Due, int]:
    """Count the appeals that wait for an answer by how soon it must come."""
    with core.sessions() as session:
        rows = session.execute(
            select(Appeal.answer_by, func.count()).where(waits_for_answer()).group_by(Appeal.answer_by)
        ).all()
    counts = dict.fromkeys(Due, 0)
    for answer_by, count in rows:
        counts[due(answer_by, core.today())] += count
    return counts
