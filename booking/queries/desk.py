"""What staff read: cases, active policies, the audit log, the demonstration's outbox."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from booking import audit
from booking.core import Core
from booking.errors import NotFoundError
from booking.models import (
    Account,
    Appeal,
    Draw,
    Message,
    ModelVersion,
    Office,
    QuotaPolicy,
    Request,
    RequestOffice,
    RuleSetVersion,
    Verdict,
)
from booking.reaching.reading import read_message
from booking.states import AppealState, DrawState, RequestState

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A request that waits for an officer: the latest verdict says why. A list leaves the offices out."""

    request: Request
    verdict: Verdict
    offices: tuple[Office, ...]
    appeal: Appeal | None


@dataclass(frozen=True, slots=True)
class Policies:
    """The active versions; None where none is active."""

    quota: QuotaPolicy | None
    rules: RuleSetVersion | None
    model: ModelVersion | None
    last_draw: Draw | None


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A notice as its receiver reads it; for demonstrations only."""

    username: str
    kind: str
    language: str
    text: str
    created_at: datetime


def list_cases(core: Core) -> list[Case]:
    """List the requests under review: appeals by their last day first, then the others, oldest first."""
    open_appeal = (Appeal.request_id == Request.id) & (Appeal.state == AppealState.OPEN)
    with core.sessions() as session:
        rows = session.execute(
            select(Request, Appeal)
            .outerjoin(Appeal, open_appeal)
            .where(Request.state == RequestState.UNDER_REVIEW)
            .order_by(Appeal.answer_by.nulls_last(), Request.created_at, Request.id)
            .limit(MOST_ROWS)
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
        return Case(request, verdict, tuple(offices), appeal)


def active_policies(core: Core) -> Policies:
    """Return what decides at present, and the draw that was published last."""
    with core.sessions() as session:
        return Policies(
            quota=session.scalar(select(QuotaPolicy).where(QuotaPolicy.active)),
            rules=session.scalar(select(RuleSetVersion).where(RuleSetVersion.active)),
            model=session.scalar(select(ModelVersion).where(ModelVersion.active)),
            last_draw=session.scalar(
                select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc()).limit(1)
            ),
        )


def requests_by_state(core: Core) -> dict[RequestState, int]:
    """Count all requests by their state."""
    with core.sessions() as session:
        rows = session.execute(select(Request.state, func.count()).group_by(Request.state)).all()
    return {row[0]: row[1] for row in rows}


def verify_audit(core: Core) -> int:
    """Check the whole audit log and return its length; raises `booking.audit.BrokenChainError`."""
    with core.sessions() as session:
        return audit.verify(session)


def outbox(core: Core, *, username: str = "", most: int = 50) -> list[OutboxLine]:
    """Return the latest notices as read by their receivers, codes too; only where settings show the outbox."""
    if not core.settings.show_outbox:
        raise NotFoundError
    statement = (
        select(Message, Account)
        .join(Account, Account.id == Message.account_id)
        .order_by(Message.created_at.desc(), Message.id)
        .limit(most)
    )
    if username:
        statement = statement.where(Account.username == username)
    with core.sessions() as session:
        return [
            OutboxLine(
                username=account.username,
                kind=message.kind,
                language=account.language,
                text=read_message(session, core, message, account.language),
                created_at=message.created_at,
            )
            for message, account in session.execute(statement)
        ]
