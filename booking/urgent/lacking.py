"""What must be there first, in an urgent case: an officer sees what is missing and may go on with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.base.errors import FieldError, InvalidInputError
from booking.core.core import Core
from booking.models import Appointment, Request, Service
from booking.models.base import Json
from booking.prerequisites.chain import rules_of
from booking.prerequisites.errors import Lack
from booking.prerequisites.known import residence_behind, subjects
from booking.prerequisites.standing import lacking
from booking.requests.check_prerequisites import party_of

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
    rules = rules_of(request.service)
    if not any(rule.service for rule in rules):
        return []
    party = subjects(session, core, party_of(session, request), residence_behind(request.door))
    return lacking(rules, party, day)


def missing_on(session: Session, core: Core, request: Request, days: Iterable[date]) -> tuple[Missing, ...]:
    """Put together what a request's party lacks on each of ``days``."""
    rules = rules_of(request.service)
    if not any(rule.service for rule in rules):
        return ()
    party = subjects(session, core, party_of(session, request), residence_behind(request.door))
    found: dict[Lack, list[date]] = {}
    for day in sorted(set(days)):
        for lack in dict.fromkeys(lacking(rules, party, day)):
            found.setdefault(lack, []).append(day)
    services = {one.code: one for one in session.scalars(select(Service))}
    return tuple(
        Missing(
            position=lack.position,
            service=services[lack.service],
            held=any(one.service == lack.service for one in party[lack.position].held),
            days=tuple(on),
        )
        for lack, on in found.items()
        if lack.service in services
    )


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
