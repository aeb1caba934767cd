"""The wish of a stored request once more, for a request that takes its place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.quotas import LimitSpec
from booking.country.packs.service import PrerequisiteSpec
from booking.country.policy import limits as policy_limits
from booking.people.prerequisites.chain import rules_of
from booking.people.prerequisites.standing import (
    Known,
    Lack,
    PrerequisiteMissingError,
    Subject,
    is_concerned,
    lacking,
    look_up,
    of_moment,
    residence_behind,
    subjects,
)
from booking.platform.models import Appointment, HouseholdMember, Office, Request, RequestMember, RequestOffice
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import ALL_WEEKDAYS, LONGEST_AHEAD, Also, Checked, Errand, Wish, is_visit_home


def errands_of(request: Request, party: Sequence[HouseholdMember]) -> tuple[Errand, ...]:
    """Return what a request's people come for, in the order of the wish.

    Parameters
    ----------
    party
        Those of its people for whom its account acts still; who is missing is in no errand.
    """
    if request.service_count == 1:
        return (Errand(request.service, list(party), request.reason_code),)
    by_person = {member.person_id: member for member in party}
    found: dict[int, Errand] = {}
    for row in request.errands:
        errand = found.setdefault(row.position, Errand(row.service, [], row.reason_code))
        if row.person_id in by_person:
            errand.members.append(by_person[row.person_id])
    order = {member.id: place for place, member in enumerate(party)}
    for errand in found.values():
        errand.members.sort(key=lambda member: order[member.id])
    return tuple(found.values())


def in_party(lacks: Iterable[Lack], errand: Errand, party: Sequence[HouseholdMember]) -> list[Lack]:
    """Say what those who come for a service lack by their places in the whole party."""
    places = {member.id: place for place, member in enumerate(party)}
    return [replace(lack, position=places[errand.members[lack.position].id]) for lack in lacks]


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


def same_wish(session: Session, request: Request) -> Wish:
    """Return the wish of a stored request as far as it says who comes for what, without offices, days and times.

    Services are left out for which nobody comes any more, since the account acts for none of their people.
    """
    errands = errands_of(request, party_of(session, request))
    first, *also = [errand for errand in errands if errand.members] or errands[:1]
    return Wish(
        service=first.service.code,
        people=tuple(member.id for member in first.members),
        also=tuple(Also(one.service.code, tuple(who.id for who in one.members), one.reason) for one in also),
        offices=(),
        bands=frozenset(),
        door=request.door,
        accessible=request.accessible,
        reason=first.reason,
        together=request.together,
    )


def wish_of_request(core: Core, *, account_id: UUID, reference: str) -> Wish | None:
    """Return who came for what by a request of the account, as `same_wish`; None where it has no such request."""
    with core.sessions() as session:
        request = session.scalar(
            select(Request).where(Request.reference == reference, Request.account_id == account_id)
        )
        return None if request is None else same_wish(session, request)


def wish_with(session: Session, core: Core, request: Request, placed: Wish) -> Wish:
    """Return the wish of a request that was in a draw, widened by a place that its people choose instead of theirs.

    Offices that are closed for good, and days that are over, are left out. A request that was in no draw, since its
    place was booked at once, wished for that place alone; so does the other.

    Parameters
    ----------
    placed
        The same wish for the new place alone: its office, its day and its time of day.
    """
    day = placed.last_day
    if request.link_draw is None or day is None:
        return placed
    ranked = _still_open(session, core, request)
    codes = [office.code for _, office in ranked]
    most = policy_limits.read(session, LimitSpec).ranked_offices
    first, ends, needed_by = max(request.first_day, core.today()), request.last_day, request.needed_by
    home = next((choice for choice, _ in ranked if choice.first_day is not None), None)
    return replace(
        placed,
        offices=tuple(_first_of(codes, placed.offices, most)),
        bands=placed.bands | (set(request.bands.split(",")) & {band.code for band in core.pack.country.bands}),
        weekdays=frozenset(one for one in ALL_WEEKDAYS if request.weekdays >> one & 1) | {day.weekday()},
        first_day=min(first, day),
        last_day=None if ends is None else max(ends, day),
        needed_by=None if needed_by is None or needed_by < day else needed_by,
        home_first=None if home is None or home.first_day is None else max(home.first_day, core.today()),
        home_last=None if home is None else home.last_day,
    )


def is_of_its_place_alone(request: Request) -> bool:
    """Return whether a request with a place that was booked at once wished for that place and no other.

    One that was in a draw wishes for more (`wish_with`); those that the version before changed name their day alone.
    """
    return request.link_draw is None or request.first_day == request.last_day


def _first_of(codes: Sequence[str], chosen: Sequence[str], most: int) -> Sequence[str]:
    """Return the first offices of a ranking with those that were chosen: where they are ranked, or else first."""
    kept = codes[:most]
    return kept if set(chosen) <= set(kept) else [*chosen, *(one for one in codes if one not in chosen)][:most]


def _still_open(session: Session, core: Core, request: Request) -> Sequence[Row[RequestOffice, Office]]:
    """Return the offices that a request ranks and that can still be ranked, first choice first."""
    rows = session.execute(
        select(RequestOffice, Office)
        .join(Office, Office.id == RequestOffice.office_id)
        .where(RequestOffice.request_id == request.id, Office.active)
        .order_by(RequestOffice.rank)
    ).all()
    for_everyone = all(service.audience == "both" for service in request.services)
    return [
        row
        for row in rows
        if not is_visit_home(row.Office, request.door)
        or (for_everyone and row.RequestOffice.last_day is not None and row.RequestOffice.last_day >= core.today())
    ]
