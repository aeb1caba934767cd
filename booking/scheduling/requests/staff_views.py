"""What officers read of requests under review, and how many requests are in each state."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import selectinload

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_request, require
from booking.platform.base import fields
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Account,
    Appeal,
    Office,
    Request,
    RequestOffice,
    Verdict,
    is_under_review,
)
from booking.platform.models.states import AppealState, RequestState

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A request that waits for an officer: the latest verdict says why. A list leaves the offices out."""

    request: Request
    verdict: Verdict
    offices: tuple[Office, ...]
    appeal: Appeal | None


def list_cases(core: Core) -> list[Case]:
    """List the requests under review: appeals by their last day first, then the others, oldest first."""
    open_appeal = (Appeal.request_id == Request.id) & (Appeal.state == AppealState.OPEN)
    with core.sessions() as session:
        rows = session.execute(
            select(Request, Appeal)
            .outerjoin(Appeal, open_appeal)
            .where(is_under_review())
            .order_by(Appeal.answer_by.nulls_last(), Request.created_at, Request.id)
            .limit(MOST_ROWS)
            .options(selectinload(Request.errands))
        ).all()
        ids = [request.id for request, _ in rows]
        verdicts = {
            verdict.request_id: verdict
            for verdict in session.scalars(
                select(Verdict)
                .where(Verdict.request_id.in_(ids))
                .order_by(Verdict.request_id, Verdict.decided_at.desc())
                .ext(distinct_on(Verdict.request_id))
            )
        }
        return [Case(request, verdicts[request.id], (), appeal) for request, appeal in rows]


def find_case(core: Core, reference: str) -> Case:
    """Find a request with its verdict and appeal, whatever its state; raises NotFoundError."""
    with core.sessions() as session:
        request = session.scalar(select(Request).where(Request.reference == reference))
        if request is None:
            raise NotFoundError
        verdict = session.scalars(
            select(Verdict).where(Verdict.request_id == request.id).order_by(Verdict.decided_at.desc()).limit(1)
        ).one()
        offices = session.scalars(
            select(Office)
            .join(RequestOffice, RequestOffice.office_id == Office.id)
            .where(RequestOffice.request_id == request.id)
            .order_by(RequestOffice.rank)
        ).all()
        appeal = session.scalar(select(Appeal).where(Appeal.request_id == request.id))
        _ = request.services  # read here, while the session is open
        return Case(request, verdict, tuple(offices), appeal)


def requests_by_state(core: Core) -> dict[RequestState, int]:
    """Count all requests by their state."""
    with core.sessions() as session:
        rows = session.execute(select(Request.state, func.count()).group_by(Request.state)).all()
    return {row[0]: row[1] for row in rows}


WAITING: Final = "it waits for a decision"
"""The reason of a look at an open case; for any other the officer gives one."""

TRIED: Final = "its decision was refused"
"""The reason of the look that follows, at a case that somebody else decided meanwhile."""


def look_at_review(core: Core, *, officer_id: UUID, reference: str, reason: str = "") -> Case:
    """Return to an officer a request with its verdict and appeal.

    Parameters
    ----------
    reason
        Why a request that waits for no decision is read; one that waits needs none.

    Raises
    ------
    ForbiddenError
        The account may not use the desk.
    OwnCaseError
        The request is of the officer's own person, household or phone.
    InvalidInputError
        The reason is needed and missing, or too long.
    NotFoundError
        There is no such request.
    """
    case = find_case(core, reference)
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.USE_DESK)
        refuse_own_request(session, officer_id, case.request.id)
        waits = case.request.state is RequestState.UNDER_REVIEW
        why = WAITING if waits else fields.words("reason", reason)
        audit.record(session, core, officer, "review.looked_at", reference, reason=why)
    return case
