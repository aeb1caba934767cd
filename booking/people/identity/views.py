"""Which accounts act for a person, since when and for what: nobody's name, and nothing but the end of a phone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core import audit, four_eyes
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_number, require
from booking.country.core.register import open_national_number, open_phone, seal_national_number
from booking.people.accounts.identity import read_national_number
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.models import (
    Account,
    Appointment,
    Consent,
    Dispute,
    Helper,
    HouseholdMember,
    OnlineCase,
    Person,
    Request,
    RequestErrand,
    RequestMember,
)
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.offices.office import Service
from booking.platform.models.online.case import RUNNING
from booking.platform.models.states import LIVE_APPOINTMENT_STATES

OF_AGE: Final = 18


def is_minor(born: date, today: date) -> bool:
    """Return whether somebody born on a day is not of age yet."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < OF_AGE


def standing_proof(entry: HouseholdMember, today: date) -> ProofKind | None:
    """Return by what an account is proven to act for a person today; None for a claim.

    Who grew up may end what a parent once proved as their guardian: it counts as a claim from then on.
    """
    if entry.proved_by is ProofKind.GUARDIAN and not is_minor(entry.birth_date, today):
        return None
    return entry.proved_by


SHOWN_DIGITS: Final = 3
SURE: Final = tuple(level for level in IdentityLevel if level.reaches(IdentityLevel.PROVEN))
"""From here on somebody may see who else acts for a person."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What an account does for a person: a live request, or a running case online."""

    kind: Literal["request", "case"]
    service: Service


@dataclass(frozen=True, slots=True)
class Acting:
    """An account that acts for a person; ``id`` is the person's entry in its household.

    ``proved_by`` is by what it is proven today (`booking.people.identity.views`).
    ``phone_ends`` is "" for an account without a phone. ``helper`` is the registered helper to whom the account gave
    leave to ask, or ""; ``helps``: the account is such a helper's own. ``disputed``: a counter was asked to end it.
    """

    id: int
    since: datetime
    level: IdentityLevel
    proved_by: ProofKind | None
    phone_ends: str
    helps: bool
    helper: str
    doing: tuple[Doing, ...]
    disputed: bool


@dataclass(frozen=True, slots=True)
class ActedFor:
    """A person of an account, with the other accounts that act for them.

    ``acting`` is empty, too, where the account has not shown that it may know: ``level`` is below proven then.
    """

    member_id: int
    name: str
    level: IdentityLevel
    proved_by: ProofKind | None
    acting: tuple[Acting, ...]


def people_acted_for(core: Core, *, account_id: UUID) -> list[ActedFor]:
    """List an account's people, each with the other accounts that act for them, where the account is proven to act."""
    with core.sessions() as session:
        members = session.scalars(
            select(HouseholdMember).where(HouseholdMember.account_id == account_id).order_by(HouseholdMember.id)
        ).all()
        sure = [member.person_id for member in members if member.level in SURE]
        others = acting_for(session, core, sure)
        return [
            ActedFor(
                member.id,
                member.name,
                member.level,
                standing_proof(member, core.today()),
                tuple(
                    acting
                    for row, acting in others.get(member.person_id, ())
                    if row.account_id != account_id and member.level in SURE
                ),
            )
            for member in members
        ]


def acting_for(
    session: Session, core: Core, people: Collection[UUID]
) -> Mapping[UUID, list[tuple[HouseholdMember, Acting]]]:
    """Return for each of these people the entries in open accounts' households, in the order in which they came."""
    rows = session.execute(
        select(HouseholdMember, Account)
        .join(Account, Account.id == HouseholdMember.account_id)
        .where(HouseholdMember.person_id.in_(people), Account.closed_at.is_(None))
        .order_by(HouseholdMember.id)
    ).all()
    doing, helpers, disputed = _doing(session, people), _helpers(session, core, people), _disputed(session, people)
    found: dict[UUID, list[tuple[HouseholdMember, Acting]]] = {}
    for member, account in rows:
        key = (member.person_id, member.account_id)
        acting = Acting(
            id=member.id,
            since=member.created_at,
            level=member.level,
            proved_by=standing_proof(member, core.today()),
            phone_ends=open_phone(core.vault, account)[-SHOWN_DIGITS:],
            helps=account.registered_helper,
            helper=helpers.get(key, ""),
            doing=tuple(doing.get(key, ())),
            disputed=key in disputed,
        )
        found.setdefault(member.person_id, []).append((member, acting))
    return found


def _doing(session: Session, people: Collection[UUID]) -> Mapping[tuple[UUID, UUID], list[Doing]]:
    """Return live requests and running cases by person and account."""
    found: dict[tuple[UUID, UUID], list[Doing]] = {}
    for person_id, account_id, service in session.execute(
        select(RequestMember.person_id, Request.account_id, Service)
        .join(Request, Request.id == RequestMember.request_id)
        .outerjoin(
            RequestErrand,
            (RequestErrand.request_id == Request.id) & (RequestErrand.person_id == RequestMember.person_id),
        )
        .join(Service, Service.id == func.coalesce(RequestErrand.service_id, Request.service_id))
        .where(RequestMember.person_id.in_(people), RequestMember.live)
        .order_by(Request.created_at, Request.id, RequestErrand.position)
    ):
        found.setdefault((person_id, account_id), []).append(Doing("request", service))
    for person_id, account_id, service in session.execute(
        select(OnlineCase.person_id, OnlineCase.account_id, Service)
        .join(Service, Service.id == OnlineCase.service_id)
        .where(OnlineCase.person_id.in_(people), OnlineCase.state.in_(RUNNING))
        .order_by(OnlineCase.created_at, OnlineCase.id)
    ):
        found.setdefault((person_id, account_id), []).append(Doing("case", service))
    return found


def _helpers(session: Session, core: Core, people: Collection[UUID]) -> Mapping[tuple[UUID, UUID], str]:
    """Return the helper who may ask, or look, with a consent that still counts."""
    rows = session.execute(
        select(Consent.person_id, Consent.account_id, Helper.organisation)
        .join(Helper, Helper.id == Consent.helper_id)
        .where(
            Consent.person_id.in_(people),
            Consent.state.not_in([ConsentState.ASKED, ConsentState.WITHDRAWN]),
            Consent.ends_at > core.clock.now(),
        )
        .order_by(Consent.asked_at)
    )
    return {(person_id, account_id): organisation for person_id, account_id, organisation in rows}


def _disputed(session: Session, people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    rows = session.execute(
        select(Dispute.person_id, Dispute.account_id).where(Dispute.person_id.in_(people), Dispute.decided_at.is_(None))
    )
    return {(person_id, account_id) for person_id, account_id in rows}


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
        whom = {four_eyes.KEY: four_eyes.looked_for(core, number)}
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
