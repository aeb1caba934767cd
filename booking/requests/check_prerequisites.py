"""The moments at which prerequisites are checked: when asking, when a place is held, when it is confirmed."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.models import Appointment, HouseholdMember, Request, RequestMember, Service
from booking.models.states import Door
from booking.prerequisites.chain import rules_of
from booking.prerequisites.errors import PrerequisiteMissingError
from booking.prerequisites.known import Known, look_up, residence_behind, subjects
from booking.prerequisites.people import is_concerned
from booking.prerequisites.standing import lacking, of_moment
from booking.requests.wish import LONGEST_AHEAD, Checked


def check_asking(session: Session, core: Core, checked: Checked, door: Door) -> bool:
    """Check what must be there when asking; return whether anything must be there on the day of the appointment.

    Raises
    ------
    PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    """
    return may_ask(core, checked, door, look_up(session, core, checked.members if rules_of(checked.service) else []))


def may_ask(core: Core, checked: Checked, door: Door, known: Known) -> bool:
    """Do what `check_asking` does, by what was looked up already of the people."""
    rules = rules_of(checked.service)
    if not rules:
        return False
    today = core.today()
    party = [known.subject(member, residence_behind(door)) for member in checked.members]
    if lacks := lacking(of_moment(rules, "when-asking"), party, today):
        raise PrerequisiteMissingError(checked.service.code, lacks)
    return any(
        rule.service is not None and is_concerned(rule.concerns, subject, day)
        for rule in of_moment(rules, "on-the-day")
        for subject in party
        for day in (today, today + LONGEST_AHEAD)  # who is too young today may not be then
    )


def check_day(
    session: Session, core: Core, service: Service, party: Sequence[HouseholdMember], door: Door, day: date
) -> None:
    """Check what must be there on the day of an appointment; raises PrerequisiteMissingError."""
    rules = of_moment(rules_of(service), "on-the-day")
    if not rules:
        return
    if lacks := lacking(rules, subjects(session, core, party, residence_behind(door)), day):
        raise PrerequisiteMissingError(service.code, lacks)


def check_appointment(session: Session, core: Core, appointment: Appointment) -> None:
    """Check what must be there on an appointment's own day, local at its office; raises PrerequisiteMissingError."""
    request = appointment.request
    if not request.must_hold:
        return
    party = party_of(session, request)
    day = appointment.starts_at.astimezone(ZoneInfo(appointment.office.time_zone)).date()
    check_day(session, core, request.service, party, request.door, day)


def party_of(session: Session, request: Request) -> Sequence[HouseholdMember]:
    """Return the people of a request as its account knows them, in their order."""
    return session.scalars(
        select(HouseholdMember)
        .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
        .where(RequestMember.request_id == request.id, HouseholdMember.account_id == request.account_id)
        .order_by(RequestMember.position)
    ).all()
