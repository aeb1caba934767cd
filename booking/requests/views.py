"""What a person sees of their requests and appointments."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.base.errors import NotFoundError
from booking.catalogue.coming_draws import mechanism_of, next_draw
from booking.core.core import Core
from booking.models import (
    Appeal,
    Appointment,
    HouseholdMember,
    Office,
    Request,
    RequestEdit,
    RequestMember,
    RequestOffice,
    Service,
    UrgentRequest,
    Verdict,
)
from booking.models.base import Json
from booking.models.states import HOLDS, WAITING_FOR_DRAW, AppealState, AppointmentState, Door, RequestState
from booking.requests.change import is_frozen
from booking.requests.draw_part import DrawPart, last_draw
from booking.requests.rows import CHALLENGE_LIFETIME
from booking.requests.turns import TurnView, turn_view
from fraud.reasons import for_the_person


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An appointment as its people see it; ``starts_at`` is UTC, to be shown in the office's time zone.

    ``at_once``: booked without a draw; ``held``: not confirmed yet; ``needs_check``: its request waits for a check
    first. ``level`` is the service level of an urgent one.
    """

    reference: str
    request_reference: str
    state: AppointmentState
    at_once: bool
    held: bool
    needs_check: bool
    starts_at: datetime
    ends_at: datetime
    confirm_by: datetime
    office: Office
    service: Service
    party_size: int
    people: tuple[str, ...]
    lost_draws: int
    level: str | None = None


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with all that its page says.

    ``frozen``: a draw counts on it as it is until there is a result. ``edited_at``: when its owner changed it last.
    ``check_by``: until when a check has to be done, where it needs one.
    """

    reference: str
    state: RequestState
    service: Service
    door: Door
    people: tuple[str, ...]
    offices: tuple[Office, ...]
    first_day: date
    last_day: date | None
    weekdays: tuple[int, ...]
    bands: tuple[str, ...]
    needed_by: date | None
    home_days: tuple[date, date] | None
    accessible: bool
    together: bool
    reason: Json | None
    turn: TurnView
    created_at: datetime
    edited_at: datetime | None
    frozen: bool
    check_by: datetime
    receipt: str
    decision: str
    reasons: list[Json]
    by_officer: bool
    note: str
    appeal: AppealState | None
    appeal_answer_by: date | None
    last_draw: DrawPart | None
    next_draw: DrawPart | None
    appointment: AppointmentView | None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list."""

    reference: str
    state: RequestState
    service: Service
    created_at: datetime
    party_size: int
    appointment_reference: str | None
    appointment_state: AppointmentState | None
    starts_at: datetime | None
    confirm_by: datetime | None
    office: Office | None


def list_requests(core: Core, account_id: UUID) -> list[RequestLine]:
    """Return the account's requests, newest first, each with its latest appointment."""
    latest = (
        select(Appointment.request_id, func.max(Appointment.created_at).label("created_at"))
        .group_by(Appointment.request_id)
        .subquery()
    )
    with core.sessions() as session:
        rows = session.execute(
            select(Request, Appointment)
            .outerjoin(latest, latest.c.request_id == Request.id)
            .outerjoin(
                Appointment,
                (Appointment.request_id == Request.id) & (Appointment.created_at == latest.c.created_at),
            )
            .where(Request.account_id == account_id)
            .order_by(Request.created_at.desc(), Request.reference)
        ).all()
        return [_line(request, appointment) for request, appointment in rows]


def request_view(core: Core, account_id: UUID, reference: str) -> RequestView:
    """Return one request of the account; raises NotFoundError."""
    with core.sessions() as session:
        request = session.scalar(
            select(Request).where(Request.reference == reference, Request.account_id == account_id)
        )
        if request is None:
            raise NotFoundError
        verdict = session.scalars(
            select(Verdict).where(Verdict.request_id == request.id).order_by(Verdict.decided_at.desc()).limit(1)
        ).one_or_none()
        coming = next_draw(session, core.clock.now())
        appeal = session.scalar(select(Appeal).where(Appeal.request_id == request.id))
        return RequestView(
            reference=request.reference,
            state=request.state,
            service=request.service,
            door=request.door,
            people=_people(session, request),
            offices=_offices(session, request),
            first_day=request.first_day,
            last_day=request.last_day,
            weekdays=tuple(day for day in range(7) if request.weekdays >> day & 1),
            bands=tuple(request.bands.split(",")),
            needed_by=request.needed_by,
            home_days=_home_days(request),
            accessible=request.accessible,
            together=request.together,
            reason=next((one for one in request.service.spec["reasons"] if one["code"] == request.reason_code), None),
            turn=turn_view(request),
            created_at=request.created_at,
            edited_at=edited_at(session, request),
            frozen=request.state in WAITING_FOR_DRAW and is_frozen(session, core, request),
            check_by=(request.decided_at or request.created_at) + CHALLENGE_LIFETIME,
            receipt=request.receipt.hex(),
            decision=verdict.decision if verdict else "accept",
            reasons=for_the_person(verdict.reasons) if verdict else [],
            by_officer=verdict is not None and verdict.officer_id is not None,
            note=verdict.note if verdict else "",
            appeal=appeal.state if appeal else None,
            appeal_answer_by=appeal.answer_by if appeal else None,
            last_draw=last_draw(session, request),
            next_draw=None
            if coming is None
            else DrawPart(
                coming.reference,
                coming.state,
                coming.closes_at,
                coming.published_at,
                mechanism_of(session, coming),
            ),
            appointment=_latest_appointment(session, request),
        )


def appointment_view(core: Core, account_id: UUID, reference: str) -> AppointmentView:
    """Return one appointment of the account; raises NotFoundError."""
    with core.sessions() as session:
        appointment = session.scalar(
            select(Appointment)
            .join(Request, Request.id == Appointment.request_id)
            .where(Appointment.reference == reference, Request.account_id == account_id)
        )
        if appointment is None:
            raise NotFoundError
        return _appointment(session, appointment)


def _line(request: Request, appointment: Appointment | None) -> RequestLine:
    return RequestLine(
        reference=request.reference,
        state=request.state,
        service=request.service,
        created_at=request.created_at,
        party_size=request.party_size,
        appointment_reference=appointment.reference if appointment else None,
        appointment_state=appointment.state if appointment else None,
        starts_at=appointment.starts_at if appointment else None,
        confirm_by=appointment.confirm_by if appointment else None,
        office=appointment.office if appointment else None,
    )


def _home_days(request: Request) -> tuple[date, date] | None:
    """Return the days of a visit home, where a branch is ranked for one."""
    own = [(one.first_day, one.last_day) for one in request.offices if one.first_day and one.last_day]
    return own[0] if own else None


def edited_at(session: Session, request: Request) -> datetime | None:
    """Return when its owner changed a request last; None where never."""
    return session.scalar(select(func.max(RequestEdit.edited_at)).where(RequestEdit.request_id == request.id))


def _people(session: Session, request: Request) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(HouseholdMember.name)
            .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
            .where(RequestMember.request_id == request.id, HouseholdMember.account_id == request.account_id)
            .order_by(RequestMember.position)
        )
    )


def _offices(session: Session, request: Request) -> tuple[Office, ...]:
    return tuple(
        session.scalars(
            select(Office)
            .join(RequestOffice, RequestOffice.office_id == Office.id)
            .where(RequestOffice.request_id == request.id)
            .order_by(RequestOffice.rank)
        )
    )


def _latest_appointment(session: Session, request: Request) -> AppointmentView | None:
    appointment = session.scalar(
        select(Appointment).where(Appointment.request_id == request.id).order_by(Appointment.created_at.desc()).limit(1)
    )
    return None if appointment is None else _appointment(session, appointment)


def _appointment(session: Session, appointment: Appointment) -> AppointmentView:
    request = appointment.request
    return AppointmentView(
        reference=appointment.reference,
        request_reference=request.reference,
        state=appointment.state,
        at_once=appointment.draw_id is None and appointment.urgent_request_id is None,
        held=request.state in HOLDS,
        needs_check=request.state is RequestState.CHALLENGED,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        confirm_by=appointment.confirm_by,
        office=appointment.office,
        service=request.service,
        party_size=request.party_size,
        people=_people(session, request),
        lost_draws=request.lost_draws,
        level=session.scalar(select(UrgentRequest.level).where(UrgentRequest.id == appointment.urgent_request_id)),
    )
