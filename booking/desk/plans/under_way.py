"""What of a chain somebody has asked for already."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.platform.models import Appointment, Office, OnlineCase, Request, RequestErrand, RequestMember, Service
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, AppointmentState, RequestState


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A live request of the account for a person, with its appointment where it has one."""

    reference: str
    state: RequestState
    appointment: str | None = None
    appointment_state: AppointmentState | None = None
    starts_at: datetime | None = None
    office: Office | None = None

    @property
    def day(self) -> date | None:
        """The day of the appointment, local at its office."""
        if self.starts_at is None or self.office is None:
            return None
        return self.starts_at.astimezone(ZoneInfo(self.office.time_zone)).date()


def asked_for(session: Session, account_id: UUID, person_id: UUID, services: Collection[str]) -> dict[str, AskedFor]:
    """Return the live requests of an account for a person, by service."""
    rows = session.execute(
        select(Service.code, Request, Appointment)
        .select_from(RequestMember)
        .join(Request, Request.id == RequestMember.request_id)
        .outerjoin(
            RequestErrand,
            (RequestErrand.request_id == Request.id) & (RequestErrand.person_id == RequestMember.person_id),
        )
        .join(Service, Service.id == func.coalesce(RequestErrand.service_id, Request.service_id))
        .outerjoin(
            Appointment,
            (Appointment.request_id == Request.id) & Appointment.state.in_(LIVE_APPOINTMENT_STATES),
        )
        .where(
            Service.code.in_(services),
            Request.account_id == account_id,
            RequestMember.person_id == person_id,
            RequestMember.live,
        )
    ).all()
    return {
        code: AskedFor(request.reference, request.state)
        if appointment is None
        else AskedFor(
            request.reference,
            request.state,
            appointment.reference,
            appointment.state,
            appointment.starts_at,
            appointment.office,
        )
        for code, request, appointment in rows
    }


@dataclass(frozen=True, slots=True)
class Case:
    """An online case of the account for a person that is not over."""

    reference: str
    state: OnlineState


def cases_of(session: Session, account_id: UUID, person_id: UUID, services: Collection[str]) -> dict[str, Case]:
    """Return the drafts and running cases of an account for a person, by service; what is running before a draft."""
    rows = session.execute(
        select(Service.code, OnlineCase.reference, OnlineCase.state)
        .join(Service, Service.id == OnlineCase.service_id)
        .where(
            Service.code.in_(services),
            OnlineCase.account_id == account_id,
            OnlineCase.person_id == person_id,
            OnlineCase.state.in_({OnlineState.DRAFT} | RUNNING),
        )
        .order_by(OnlineCase.state != OnlineState.DRAFT, OnlineCase.changed_at)
    ).all()
    return {row.code: Case(row.reference, row.state) for row in rows}
