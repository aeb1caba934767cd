"""The moments at which prerequisites are checked: when asking, when a place is held, when it is confirmed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.service import PrerequisiteSpec
from booking.people.prerequisites.chain import rules_of
from booking.people.prerequisites.errors import Lack, PrerequisiteMissingError
from booking.people.prerequisites.known import Known, look_up, residence_behind, subjects
from booking.people.prerequisites.people import Subject, is_concerned
from booking.people.prerequisites.standing import lacking, of_moment
from booking.platform.models import Appointment, HouseholdMember, Request, RequestMember
from booking.platform.models.states import Door
from booking.scheduling.requests.errands import errands_of, in_party
from booking.scheduling.requests.wish import LONGEST_AHEAD, Checked, Errand


def check_asking(session: Session, core: Core, checked: Checked, door: Door) -> bool:
    """Check what must be there when asking; return whether anything must be there on the day of the appointment.

    Raises
    ------
    PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    """
    ruled = {member.id: member for errand in checked.errands if rules_of(errand.service) for member in errand.members}
    return may_ask(core, checked, door, look_up(session, core, list(ruled.values())))


def may_ask(core: Core, checked: Checked, door: Door, known: Known) -> bool:
    """Do what `check_asking` does, by what was looked up already of the people."""
    holding = [_may_ask_for(core, checked, errand, door, known) for errand in checked.errands]
    return any(holding)


def _may_ask_for(core: Core, checked: Checked, errand: Errand, door: Door, known: Known) -> bool:
    rules = rules_of(errand.service)
    if not rules:
        return False
    today = core.today()
    party = [known.subject(member, residence_behind(door)) for member in errand.members]
    if lacks := lacking(of_moment(rules, "when-asking"), party, today):
        raise PrerequisiteMissingError(errand.service.code, in_party(lacks, errand, checked.members))
    return any(
        rule.service is not None and is_concerned(rule.concerns, subject, day)
        for rule in of_moment(rules, "on-the-day")
        for subject in party
        for day in (today, today + LONGEST_AHEAD)  # who is too young today may not be then
    )


def check_day(
    session: Session,
    core: Core,
    party: Sequence[HouseholdMember],
    errands: Sequence[Errand],
    *,
    door: Door,
    day: date,
) -> None:
    """Check what must be there on the day of an appointment, for what a party comes for.

    Raises
    ------
    PrerequisiteMissingError
        Somebody lacks something on that day.
    """
    for errand, rules, people in _on_the_day(session, core, errands, door):
        if lacks := lacking(rules, people, day):
            raise PrerequisiteMissingError(errand.service.code, in_party(lacks, errand, party))


def lacks_on_the_day(session: Session, core: Core, request: Request, day: date) -> list[Lack]:
    """List what a stored request's people lack of what must be there on the day of its appointment."""
    party = party_of(session, request)
    return [
        lack
        for errand, rules, people in _on_the_day(session, core, errands_of(request, party), request.door)
        for lack in in_party(lacking(rules, people, day), errand, party)
    ]


def days_to_come(session: Session, core: Core, request: Request, days: Iterable[date]) -> set[date]:
    """Return those of some days on which nobody of a stored request lacks what must be there then."""
    if not request.must_hold:
        return set(days)
    errands = errands_of(request, party_of(session, request))
    asked = list(_on_the_day(session, core, errands, request.door))
    return {day for day in days if not any(lacking(rules, people, day) for _, rules, people in asked)}


def _on_the_day(
    session: Session, core: Core, errands: Sequence[Errand], door: Door
) -> Iterator[tuple[Errand, list[PrerequisiteSpec], list[Subject]]]:
    """Yield what some come for that wants something to be there on the day: its rules, and who comes for it."""
    for errand in errands:
        if rules := of_moment(rules_of(errand.service), "on-the-day"):
            yield errand, rules, subjects(session, core, errand.members, residence_behind(door))


def check_appointment(session: Session, core: Core, appointment: Appointment) -> None:
    """Check what must be there on an appointment's own day, local at its office; raises PrerequisiteMissingError."""
    request = appointment.request
    if not request.must_hold:
        return
    day = appointment.starts_at.astimezone(ZoneInfo(appointment.office.time_zone)).date()
    party = party_of(session, request)
    check_day(session, core, party, errands_of(request, party), door=request.door, day=day)


def party_of(session: Session, request: Request) -> Sequence[HouseholdMember]:
    """Return the people of a request as its account knows them, in their order."""
    return session.scalars(
        select(HouseholdMember)
        .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
        .where(RequestMember.request_id == request.id, HouseholdMember.account_id == request.account_id)
        .order_by(RequestMember.position)
    ).all()
