"""What must be there first, in an urgent case: an officer sees what is missing and may go on with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.prerequisites.chain import rules_of
from booking.people.prerequisites.standing import Lack, Subject, lacking, residence_behind, subjects
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Appointment, HouseholdMember, Request, Service
from booking.platform.models.base import Json
from booking.scheduling.requests.wish import Errand
from booking.scheduling.requests.wish_again import errands_of, in_party, party_of

LONGEST_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class Missing:
    """A paper that one of a party lacks on some days: ``position`` in the party, from 0.

    ``held``: there is one, which is not valid on these days.
    """

    position: int
    service: Service
    held: bool
    days: tuple[date, ...]


def lacks_on(session: Session, core: Core, request: Request, day: date) -> list[Lack]:
    """List what each of a request's party lacks on ``day``, whenever the rules want it to be there."""
    return [lack for asked in _asked_of(session, core, request) for lack in asked.lacking(day)]


def missing_on(session: Session, core: Core, request: Request, days: Iterable[date]) -> tuple[Missing, ...]:
    """Put together what a request's party lacks on each of ``days``."""
    asked = _asked_of(session, core, request)
    if not asked:
        return ()
    held = {
        (member.id, holding.service)
        for one in asked
        for member, subject in zip(one.errand.members, one.subjects, strict=True)
        for holding in subject.held
    }
    found: dict[Lack, list[date]] = {}
    for day in sorted(set(days)):
        for lack in dict.fromkeys(lack for one in asked for lack in one.lacking(day)):
            found.setdefault(lack, []).append(day)
    services = {one.code: one for one in session.scalars(select(Service))}
    return tuple(
        Missing(
            position=lack.position,
            service=services[lack.service],
            held=(asked[0].party[lack.position].id, lack.service) in held,
            days=tuple(on),
        )
        for lack, on in found.items()
        if lack.service in services
    )


class _AskedOf(NamedTuple):
    """A service with prerequisites, who comes for it, and the whole party."""

    errand: Errand
    subjects: Sequence[Subject]
    party: Sequence[HouseholdMember]

    def lacking(self, day: date) -> list[Lack]:
        """List what they lack on a day, by their places in the whole party."""
        return in_party(lacking(rules_of(self.errand.service), self.subjects, day), self.errand, self.party)


def _asked_of(session: Session, core: Core, request: Request) -> list[_AskedOf]:
    """Return the services of a request that want something to be there; nothing where none of them does."""
    if not any(rule.service for service in request.services for rule in rules_of(service)):
        return []
    party, residence = party_of(session, request), residence_behind(request.door)
    return [
        _AskedOf(errand, subjects(session, core, errand.members, residence), party)
        for errand in errands_of(request, party)
        if any(rule.service for rule in rules_of(errand.service))
    ]


def missing_at(session: Session, core: Core, appointment: Appointment) -> tuple[Missing, ...]:
    """Return what is missing on the day of an appointment."""
    day = appointment.starts_at.astimezone(ZoneInfo(appointment.office.time_zone)).date()
    return missing_on(session, core, appointment.request, [day])


def going_on_record(lacks: Sequence[Lack], reason: str) -> Json:
    """Return what the record of an approval says about what is missing; nothing where nothing is.

    Raises
    ------
    InvalidInputError
        ``going_on``: something is missing and the officer does not say why to go on.
    """
    words = reason.strip()
    if not lacks:
        return {}
    if not words or len(words) > LONGEST_REASON:
        raise InvalidInputError(
            [FieldError("going_on", "too_long" if words else "say_why_to_go_on", most=LONGEST_REASON)]
        )
    papers = [{"person": one.position, "service": one.service} for one in dict.fromkeys(lacks)]
    return {"missing": papers, "going_on": words}
