"""Open appeals in the order of their last days, and how soon each must be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.antifraud.gate.labels import learn
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_request, require
from booking.platform.base import fields
from booking.platform.models import Account, Appeal, Request
from booking.platform.models.states import LabelKind
from booking.scheduling.requests.review import waits_for_answer
from booking.scheduling.requests.rows import locked_request

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


def confirm_reselling(core: Core, *, officer_id: UUID, reference: str, resold: bool, note: str) -> None:
    """Keep that the place of a request was offered for money, or that such a report was wrong; on the record.

    Raises
    ------
    ForbiddenError
        The account is not an officer.
    OwnCaseError
        The request is of the officer's own person, household or phone.
    InvalidInputError
        There is no note, or one that is too long.
    NotFoundError
        There is no such request.
    """
    note = fields.words("note", note)
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.DECIDE_REVIEWS)
        request = locked_request(session, reference)
        refuse_own_request(session, officer_id, request.id)
        learn(
            session,
            core,
            request_id=request.id,
            kind=LabelKind.RESELLING,
            value=resold,
            source="officer",
            account_id=officer_id,
        )
        audit.record(
            session, core, officer, "reselling.confirmed" if resold else "reselling.disproved", reference, note=note
        )
