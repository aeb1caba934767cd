"""What an officer sees of a person at the counter: the accounts that act for them, and their appointments."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core import audit, looked_for
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.own_cases import refuse_own_number
from booking.country.core.permissions import Permission, require
from booking.country.core.sealed import open_national_number, seal_national_number
from booking.people.accounts.identity import read_national_number
from booking.people.identity.views import SHOWN_DIGITS, Acting, acting_for
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.models import Account, Appointment, Person, Request, RequestMember
from booking.platform.models.states import LIVE_APPOINTMENT_STATES


@dataclass(frozen=True, slots=True)
class ActingLine:
    """An account that acts for the person, with what it calls them and the appointments that it holds for them."""

    acting: Acting
    name: str
    relation: str
    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class PersonAtCounter:
    """A person, by the last digits of their number, and everything that acts for them."""

    person_id: UUID
    number_ends: str
    birth_date: date
    lines: tuple[ActingLine, ...]


def find_person(core: Core, *, officer_id: UUID, national_number: str) -> UUID:
    """Find a person by number, for an officer at a counter; that somebody looked, and for whom, is in the audit log.

    Raises
    ------
    FieldError
        The number is unusable, or "nobody_acts": no account has ever named it.
    TooManyAttemptsError
        The officer looked for too many people.
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The person is of the officer's own household.
    """
    number = read_national_number(core, national_number)
    charge(core, "register", {"account": str(officer_id)}, helper=True)
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
        hashed = seal_national_number(core.vault, number).hash
        refuse_own_number(session, officer_id, hashed)
        found = session.scalar(select(Person.id).where(Person.national_number_hash == hashed))
        whom = {looked_for.KEY: looked_for.looked_for(core, number)}
        audit.record(session, core, officer, "identity.searched", "", found=found is not None, **whom)
    if found is None:
        raise FieldError("national_number", "nobody_acts")
    return found


def person_at_counter(core: Core, *, officer_id: UUID, person_id: UUID) -> PersonAtCounter:
    """Show which accounts act for a person; each look is in the audit log.

    Raises
    ------
    NotFoundError
        There is no such person.
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The person is of the officer's own household.
    """
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
        person = session.get(Person, person_id)
        if person is None:
            raise NotFoundError
        refuse_own_number(session, officer_id, person.national_number_hash)
        audit.record(session, core, officer, "identity.looked_at", str(person_id))
        appointments = _appointments(session, person_id)
        return PersonAtCounter(
            person_id=person_id,
            number_ends=open_national_number(core.vault, person)[-SHOWN_DIGITS:],
            birth_date=person.birth_date,
            lines=tuple(
                ActingLine(acting, entry.name, entry.relation, tuple(appointments.get(entry.account_id, ())))
                for entry, acting in acting_for(session, core, [person_id]).get(person_id, ())
            ),
        )


def _appointments(session: Session, person_id: UUID) -> dict[UUID, list[Appointment]]:
    found: dict[UUID, list[Appointment]] = {}
    for appointment, account_id in session.execute(
        select(Appointment, Request.account_id)
        .join(Request, Request.id == Appointment.request_id)
        .join(RequestMember, RequestMember.request_id == Request.id)
        .where(
            RequestMember.person_id == person_id,
            RequestMember.live,
            Appointment.state.in_(LIVE_APPOINTMENT_STATES),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ):
        _ = appointment.office, appointment.request.service
        found.setdefault(account_id, []).append(appointment)
    return found
