"""What the pages of requests show, read by key: one statement for all who ask at the same time, as its rows.

Each row has everything of one request. Of what there may be many (verdicts, appointments, draws), the newest is found
by an index, so that a page costs the same however many requests are kept.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, and_, bindparam, case, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Bundle, Session

from booking.platform.models import (
    Appeal,
    Appointment,
    Draw,
    HouseholdMember,
    LogCheckpoint,
    LogEntry,
    Request,
    RequestEdit,
    RequestErrand,
    RequestMember,
    RequestOffice,
    UrgentRequest,
    Verdict,
)
from booking.platform.models.states import WAITING_FOR_DRAW, DrawState
from booking.scheduling.requests.draw_part import COMING, LAST

_ASKED: Final = func.unnest(bindparam("accounts", type_=ARRAY(Uuid)), bindparam("references", type_=ARRAY(String)))
_ACCOUNTS: Final = func.unnest(bindparam("accounts", type_=ARRAY(Uuid)))

_VERDICT: Final = (
    select(Verdict.decision, Verdict.reasons, Verdict.officer_id, Verdict.note)
    .where(Verdict.request_id == Request.id)
    .order_by(Verdict.decided_at.desc())
    .limit(1)
    .lateral("verdict")
)
_APPEAL: Final = (
    select(Appeal.state, Appeal.answer_by)
    .where(Appeal.request_id == Request.id)
    .order_by(Appeal.created_at.desc())
    .limit(1)
    .lateral("appeal")
)
_OF_VISIT: Final = (
    *(Appointment.reference, Appointment.state, Appointment.starts_at, Appointment.ends_at, Appointment.confirm_by),
    *(Appointment.office_id, Appointment.draw_id, Appointment.urgent_request_id, UrgentRequest.level),
)
_VISIT: Final = (
    select(*_OF_VISIT)
    .select_from(Appointment)
    .outerjoin(UrgentRequest, UrgentRequest.id == Appointment.urgent_request_id)
    .where(Appointment.request_id == Request.id)
    .order_by(Appointment.created_at.desc())
    .limit(1)
    .lateral("visit")
)
_URGENT: Final = (
    select(UrgentRequest.state)
    .where(UrgentRequest.request_id == Request.id)
    .order_by(UrgentRequest.created_at.desc())
    .limit(1)
    .lateral("urgent")
)
_HOME: Final = (
    select(RequestOffice.first_day, RequestOffice.last_day)
    .where(RequestOffice.request_id == Request.id, RequestOffice.first_day.is_not(None))
    .order_by(RequestOffice.rank)
    .limit(1)
    .lateral("home")
)
_PEOPLE: Final = (
    select(func.array_agg(aggregate_order_by(HouseholdMember.name, RequestMember.position)))
    .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
    .where(RequestMember.request_id == Request.id, HouseholdMember.account_id == Request.account_id)
    .scalar_subquery()
)
_OFFICES: Final = (
    select(func.array_agg(aggregate_order_by(RequestOffice.office_id, RequestOffice.rank)))
    .where(RequestOffice.request_id == Request.id)
    .scalar_subquery()
)
_FURTHER: Final = case(
    (
        Request.service_count > 1,
        select(func.array_agg(aggregate_order_by(RequestErrand.service_id, RequestErrand.position)))
        .where(RequestErrand.request_id == Request.id)
        .scalar_subquery(),
    )
).label("further")
"""The services of a request for several, in the order of its wish, each once for each of its people; else none."""
_EDITED: Final = select(func.max(RequestEdit.edited_at)).where(RequestEdit.request_id == Request.id).scalar_subquery()
_LOGGED: Final = (
    select(LogEntry.index)
    .where(LogEntry.kind == "receipt", LogEntry.key == func.encode(Request.receipt, "hex"))
    .scalar_subquery()
)
_CHECKPOINT: Final = select(LogCheckpoint.note).order_by(LogCheckpoint.size.desc()).limit(1).scalar_subquery()
_FROZEN: Final = and_(
    Request.state.in_(WAITING_FOR_DRAW),
    or_(
        exists().where(Draw.id == Request.draw_id, Draw.state == DrawState.CLOSED),
        exists(select(Draw.id).where(Draw.state == DrawState.OPEN, Draw.closes_at <= bindparam("now"))),
    ),
)
_WISH: Final = (
    *(Request.first_day, Request.last_day, Request.weekdays, Request.bands, Request.needed_by, Request.accessible),
    *(Request.together, Request.reason_code, Request.must_hold, Request.helper_id, Request.receipt),
)
_TURN: Final = (Request.lost_draws, Request.resting_draws, Request.lasting_draws)


def _bundle(table: Any) -> Bundle[Any]:
    return Bundle(table.name, *table.c)


def _pages() -> Any:
    asked = _ASKED.table_valued("account_id", "reference", name="asked").render_derived()
    return (
        select(
            *(Request.account_id, Request.reference, Request.service_id, Request.door, Request.state),
            *(Request.party_size, Request.created_at, Request.decided_at, *_WISH, *_TURN),
            *map(_bundle, (_VERDICT, _APPEAL, _VISIT, _URGENT, _HOME, LAST, COMING)),
            *(_PEOPLE.label("people"), _OFFICES.label("offices"), _EDITED.label("edited_at"), _FROZEN.label("frozen")),
            *(_LOGGED.label("logged_at"), _CHECKPOINT.label("checkpoint"), _FURTHER),
        )
        .select_from(asked)
        .join(Request, and_(Request.reference == asked.c.reference, Request.account_id == asked.c.account_id))
        .outerjoin(_VERDICT, true())
        .outerjoin(_APPEAL, true())
        .outerjoin(_VISIT, true())
        .outerjoin(_URGENT, true())
        .outerjoin(_HOME, true())
        .outerjoin(LAST, true())
        .outerjoin(COMING, true())
    )


def _lists() -> Any:
    asked = _ACCOUNTS.table_valued("account_id", name="asked").render_derived()
    return (
        select(
            *(Request.account_id, Request.reference, Request.service_id, Request.state, Request.created_at),
            *(Request.party_size, _bundle(_VISIT), _bundle(_URGENT), _FURTHER),
        )
        .select_from(asked)
        .join(Request, Request.account_id == asked.c.account_id)
        .outerjoin(_VISIT, true())
        .outerjoin(_URGENT, true())
        .order_by(Request.created_at.desc(), Request.reference)
    )


def _visit() -> Any:
    return (
        select(
            *(Request.reference, Request.service_id, Request.state, Request.party_size, Request.lost_draws),
            *(Bundle("visit", *_OF_VISIT), _PEOPLE.label("people"), _FURTHER),
        )
        .select_from(Appointment)
        .join(Request, Request.id == Appointment.request_id)
        .outerjoin(UrgentRequest, UrgentRequest.id == Appointment.urgent_request_id)
        .where(Appointment.reference == bindparam("reference"), Request.account_id == bindparam("account"))
    )


# Built once: putting such a statement together takes longer than running it.
_PAGES: Final = _pages()
_LISTS: Final = _lists()
_ONE_VISIT: Final = _visit()


def page_rows(session: Session, now: datetime, wanted: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], Any]:
    """Return all that is shown of requests, each by its account and reference; without those that are not there."""
    accounts, references = [account for account, _ in wanted], [reference for _, reference in wanted]
    found = session.execute(_PAGES, {"accounts": accounts, "references": references, "now": now})
    return {(row.account_id, row.reference): row for row in found}


def list_rows(session: Session, accounts: Collection[UUID]) -> Sequence[Any]:
    """Return what lists show of the requests of accounts, the newest first."""
    return session.execute(_LISTS, {"accounts": list(accounts)}).all()


def visit_row(session: Session, account_id: UUID, reference: str) -> Any | None:
    """Return what is shown of an appointment of an account; None where it has none of this reference."""
    return session.execute(_ONE_VISIT, {"account": account_id, "reference": reference}).one_or_none()
