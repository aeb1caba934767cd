"""Someone stands at the door: check in by pass or by reference, and say in one word what was found."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.catalogue.local_days import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.permissions import Permission, require
from booking.desk.counter.scanner import as_scanned
from booking.desk.counter.views import SheetLine, lines
from booking.desk.hall.rows import next_number, own_office
from booking.people.identity.visits import forget_visitors_in, see_visitors_in
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Appointment, Office
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments import passes
from booking.scheduling.appointments.passes import ForgedPassError
from booking.scheduling.requests.rows import locked_appointment

SHORTEST_PASS: Final = 40
"""A text without spaces that is at least so long is a pass, or was one; no reference, number or name is."""


class Finding(StrEnum):
    """What came of a check-in. Only ``ADMITTED`` changes something.

    The last two are of check-ins that were recorded without the network (`booking.desk.counter.offline`).
    """

    ADMITTED = "admitted"
    FORGED = "forged"
    UNKNOWN = "unknown"
    OTHER_OFFICE = "other_office"
    OTHER_DAY = "other_day"
    EARLY = "early"
    LATE = "late"
    ALREADY_HERE = "already_here"
    SERVED = "served"
    UNSERVED = "unserved"
    MISSED = "missed"
    NOT_CONFIRMED = "not_confirmed"
    CANCELLED = "cancelled"
    DAY_OVER = "day_over"
    CLOCK_AHEAD = "clock_ahead"


_BY_STATE: Final = {
    AppointmentState.OFFERED: Finding.NOT_CONFIRMED,
    AppointmentState.CHECKED_IN: Finding.ALREADY_HERE,
    AppointmentState.SERVED: Finding.SERVED,
    AppointmentState.UNSERVED: Finding.UNSERVED,
    AppointmentState.NO_SHOW: Finding.MISSED,
    AppointmentState.LAPSED: Finding.CANCELLED,
    AppointmentState.CANCELLED: Finding.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was found, and whose appointment it is; ``line`` is empty where there is none.

    ``from_when`` is the first instant at which the party can check in.
    """

    finding: Finding
    line: SheetLine | None = None
    from_when: datetime | None = None


def is_pass(text: str) -> bool:
    """Return whether this is a scanned pass, whole or cut off, and not what a clerk types."""
    return len(text) >= SHORTEST_PASS and len(text.split()) == 1


def scan(core: Core, *, officer_id: UUID, text: str) -> Arrival:
    """Check in by pass: signature, office, day, time and use are checked; nothing changes unless all are right.

    What counts is the appointment as it stands now, not what the pass says: a pass from before a move is still its
    owner's. A refused pass is in the audit log.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    """
    try:
        content = passes.read(as_scanned(text), core.vault.verifier())
    except ForgedPassError:
        with core.sessions.begin() as session:
            own_office(session, officer_id)
            refused(session, core, officer_id, "", Finding.FORGED)
        return Arrival(Finding.FORGED)
    return check_in(core, officer_id=officer_id, reference=content.reference)


def check_in(core: Core, *, officer_id: UUID, reference: str, accept_late: bool = False) -> Arrival:
    """Keep that the party stands at the door, where that is right.

    Parameters
    ----------
    accept_late
        The clerk decides that someone who comes after the grace of the country pack is still received.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    """
    with core.sessions.begin() as session:
        office = own_office(session, officer_id)
        try:
            appointment = locked_appointment(session, reference)
        except NotFoundError:
            refused(session, core, officer_id, reference, Finding.UNKNOWN)
            return Arrival(Finding.UNKNOWN)
        return arrive(
            session, core, appointment, office, officer_id=officer_id, at=core.clock.now(), accept_late=accept_late
        )


def arrive(
    session: Session,
    core: Core,
    appointment: Appointment,
    office: Office,
    *,
    officer_id: UUID,
    at: datetime,
    accept_late: bool,
    **details: str | int,
) -> Arrival:
    """Check in, in the caller's transaction, a party that stood at the door at ``at``; the appointment is locked.

    Its proven people are seen from now on (`booking.people.identity.visits`).
    ``details`` go into the audit log beside what was done or refused.
    """
    rules = core.pack.country.counter
    finding = _find(appointment, office, at, rules.early, rules.late, accept_late=accept_late)
    if finding is Finding.ADMITTED:
        appointment.check_in(at, next_number(session, office, local_day(office, at)))
        officer = session.get_one(Account, officer_id)
        audit.record(session, core, officer, "appointment.checked_in", appointment.reference, **details)
        see_visitors_in(session, appointment.request, officer_id=officer_id)
    else:
        refused(session, core, officer_id, appointment.reference, finding, **details)
    line = lines(session, [appointment], office_id=office.id)[0]
    return Arrival(finding, line, appointment.starts_at - rules.early)


def undo_check_in(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Take a check-in back: other people stood there, or the wrong line was chosen. The pass can be used again.

    Raises
    ------
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        Nobody is checked in.
    """
    with core.sessions.begin() as session:
        owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
        appointment = locked_appointment(session, reference)
        appointment.undo_check_in()
        forget_visitors_in(session, appointment.request)
        audit.record(session, core, officer, "appointment.check_in_undone", reference)


def _find(
    appointment: Appointment, office: Office, now: datetime, early: timedelta, late: timedelta, *, accept_late: bool
) -> Finding:
    if appointment.office_id != office.id:
        return Finding.OTHER_OFFICE
    if appointment.state in _BY_STATE:
        return _BY_STATE[appointment.state]
    if local_day(office, appointment.starts_at) != local_day(office, now):
        return Finding.OTHER_DAY
    if now < appointment.starts_at - early:
        return Finding.EARLY
    if now > appointment.starts_at + late and not accept_late:
        return Finding.LATE
    return Finding.ADMITTED


def refused(
    session: Session, core: Core, officer_id: UUID, reference: str, finding: Finding, **details: str | int
) -> None:
    """Keep in the audit log that a check-in was refused."""
    audit.record(session, core, session.get_one(Account, officer_id), f"check_in.{finding.value}", reference, **details)
