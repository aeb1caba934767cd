"""What a phone's accounts have: requests and their appointments, found for commands by text message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from booking.platform.models import Appointment, OnlineCase, Request
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, LIVE_REQUEST_STATES, AppointmentState, RequestState

_WITHDRAWABLE: Final = frozenset(
    {RequestState.CHALLENGED, RequestState.UNDER_REVIEW, RequestState.ACCEPTED, RequestState.CARRIED_OVER}
)
_STATUS_OF_REQUEST: Final = {
    RequestState.SUBMITTED: "status_with_officer",
    RequestState.UNDER_REVIEW: "status_with_officer",
    RequestState.CHALLENGED: "status_needs_page",
    RequestState.HELD: "status_needs_page",
    RequestState.ACCEPTED: "status_in_draw",
    RequestState.CARRIED_OVER: "status_in_draw",
    RequestState.REFUSED: "status_refused",
}


_STATUS_ONLINE: Final = {
    OnlineState.DRAFT: "status_needs_page_online",
    OnlineState.AWAITING_PAYMENT: "status_needs_page_online",
    OnlineState.AWAITING_PAPERS: "status_needs_page_online",
    OnlineState.NEEDS_MORE: "status_needs_page_online",
    OnlineState.SUBMITTED: "status_with_agency",
    OnlineState.ASSIGNED: "status_with_agency",
    OnlineState.APPROVED: "status_with_agency",
    OnlineState.ISSUED: "status_issued",
}


@dataclass(frozen=True, slots=True)
class Online:
    """What was asked for online: where it stands can be said, the rest is done on its page."""

    account_id: UUID
    reference: str
    status: str


@dataclass(frozen=True, slots=True)
class Found:
    """A request with its live appointment, where it has one."""

    account_id: UUID
    request: Request
    appointment: Appointment | None

    @property
    def reference(self) -> str:
        """The reference by which people know it now."""
        return self.appointment.reference if self.appointment else self.request.reference

    @property
    def status(self) -> str:
        """The kind of notice that says where it stands."""
        if self.request.state is RequestState.DRAWN and self.appointment is not None:
            offered = self.appointment.state is AppointmentState.OFFERED
            return "status_offered" if offered else "status_confirmed"
        return _STATUS_OF_REQUEST.get(self.request.state, "status_over")

    @property
    def names(self) -> str:
        """The reference that goes with `status`."""
        return self.reference if self.request.state is RequestState.DRAWN else self.request.reference

    def is_offered(self, now: datetime) -> bool:
        """Return whether the draw's offer can be confirmed now."""
        one = self.appointment
        drawn = self.request.state is RequestState.DRAWN
        return drawn and one is not None and one.state is AppointmentState.OFFERED and now < one.confirm_by

    def can_end(self, now: datetime) -> bool:
        """Return whether its people can give it up now."""
        if self.appointment is not None and self.request.state is RequestState.DRAWN:
            return self.appointment.state is not AppointmentState.CHECKED_IN and now < self.appointment.starts_at
        return self.request.state in _WITHDRAWABLE


def find_live(session: Session, account_ids: Collection[UUID]) -> list[Found]:
    """Find all that the accounts have and that is not over, the latest first."""
    return _found(session, account_ids, Request.state.in_(LIVE_REQUEST_STATES))


def find_named(session: Session, account_ids: Collection[UUID], reference: str) -> Found | None:
    """Find one of them by the reference of the request or of an appointment that it had, over or not."""
    of_appointment = select(Appointment.request_id).where(Appointment.reference == reference)
    found = _found(session, account_ids, or_(Request.reference == reference, Request.id.in_(of_appointment)))
    return found[0] if found else None


def find_online(session: Session, account_ids: Collection[UUID], reference: str | None = None) -> list[Online]:
    """Find what the accounts asked for online: one by its reference or, without one, all that runs, latest first."""
    which = OnlineCase.state.in_(RUNNING) if reference is None else OnlineCase.reference == reference
    rows = session.execute(
        select(OnlineCase.account_id, OnlineCase.reference, OnlineCase.state)
        .where(OnlineCase.account_id.in_(account_ids), which)
        .order_by(OnlineCase.created_at.desc(), OnlineCase.id)
    )
    return [Online(row[0], row[1], _STATUS_ONLINE.get(row[2], "status_over_online")) for row in rows]


def _found(session: Session, account_ids: Collection[UUID], which: ColumnElement[bool]) -> list[Found]:
    requests = session.scalars(
        select(Request)
        .where(Request.account_id.in_(account_ids), which)
        .order_by(Request.created_at.desc(), Request.id)
    ).all()
    live = session.scalars(
        select(Appointment).where(
            Appointment.request_id.in_([one.id for one in requests]), Appointment.state.in_(LIVE_APPOINTMENT_STATES)
        )
    )
    appointments = {one.request_id: one for one in live}
    return [Found(one.account_id, one, appointments.get(one.id)) for one in requests]
