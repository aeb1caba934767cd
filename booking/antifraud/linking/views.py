"""What officers read of review cases: the queue, two people side by side, a ring, and flags beside a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import open_national_number, open_phone
from booking.platform.models import Account, HouseholdMember, Person, Request, RequestMember, ReviewCase
from booking.platform.models.requests.case import WATCH_KINDS, CaseDecision, CaseState
from booking.platform.models.requests.request import EVERYONE_ASKED_FOR
from booking.platform.models.states import LIVE_REQUEST_STATES, RequestState

MOST_ROWS: Final = 200
MOST_REQUESTS: Final = 20
PHONE_ENDS: Final = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as one account knows them; ``phone_ends`` are the last digits of that account's phone."""

    name: str
    relation: str
    added_at: datetime
    phone_ends: str


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person with all names they are known under, the oldest first; ``requests`` are live ones."""

    national_number: str
    birth_date: date
    entries: tuple[Entry, ...]
    requests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SamePersonView:
    """Two people side by side."""

    case: ReviewCase
    decided_by: str
    people: tuple[KnownPerson, KnownPerson]


@dataclass(frozen=True, slots=True)
class RingAccount:
    """What one shown account asked for when the ring was found; ``identifiers`` are numbers of shown ones.

    Cases of versions before this know no ``role`` ("") and no ``people`` (None).
    """

    role: str
    requests: int
    people: int | None
    identifiers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RingView:
    """A ring in figures: ``states`` counts its own accounts' requests of the period, ``latest`` names some of them."""

    case: ReviewCase
    decided_by: str
    accounts: tuple[RingAccount, ...]
    people: int
    states: dict[RequestState, int]
    latest: tuple[str, ...]
    since: datetime
    until: datetime


def list_open(core: Core) -> Sequence[ReviewCase]:
    """List the open cases about people and accounts, oldest first."""
    with core.sessions() as session:
        return session.scalars(
            select(ReviewCase)
            .where(ReviewCase.state == CaseState.OPEN, ReviewCase.kind.not_in(WATCH_KINDS))
            .order_by(ReviewCase.opened_at, ReviewCase.reference)
            .limit(MOST_ROWS)
        ).all()


def flags(core: Core, reference: str) -> Sequence[ReviewCase]:
    """List the cases that an officer should know beside a request.

    Those that ask whether a person of it has another number, or found that they do; and those that ask whether its
    account resells, or found that it does: it is one of a ring's own, for clients are in no case.
    """
    with core.sessions() as session:
        request = session.execute(select(Request.id, Request.account_id).where(Request.reference == reference)).one()
        people = session.scalars(select(RequestMember.person_id).where(RequestMember.request_id == request.id)).all()
        telling = or_(
            ReviewCase.state == CaseState.OPEN,
            ReviewCase.decision.in_([CaseDecision.SAME, CaseDecision.RESELLING]),
        )
        return session.scalars(
            select(ReviewCase)
            .where(
                ReviewCase.subjects.overlap([*people, request.account_id]), telling, ReviewCase.kind.not_in(WATCH_KINDS)
            )
            .order_by(ReviewCase.opened_at)
        ).all()


def same_person_view(session: Session, core: Core, case: ReviewCase) -> SamePersonView:
    """Read all that is known about the two people of a case, who was known first before the other."""
    people = session.scalars(select(Person).where(Person.id.in_(case.subjects)).order_by(Person.created_at, Person.id))
    one, other = (_known(session, core, person) for person in people.all())
    return SamePersonView(case, _decided_by(session, case), (one, other))


def ring_view(session: Session, case: ReviewCase) -> RingView:
    """Read what a ring's own accounts asked for in all; each shown account's figures, clients' too, are in the case."""
    since, until = (datetime.fromisoformat(case.evidence[name]) for name in ("since", "until"))
    shown = case.evidence["shown"]
    asked = [Request.created_at >= since, Request.created_at <= until, Request.account_id.in_(case.subjects)]
    linked: list[list[int]] = [[] for _ in shown["bookings"]]
    for account, identifier, _ in shown["links"]:
        linked[account].append(identifier)
    unknown = len(linked) * [None]
    roles, people = shown.get("roles", len(linked) * [""]), shown.get("people", unknown)
    return RingView(
        case=case,
        decided_by=_decided_by(session, case),
        accounts=tuple(
            RingAccount(role, requests, asked_for, tuple(sorted(identifiers)))
            for role, requests, asked_for, identifiers in zip(roles, shown["bookings"], people, linked, strict=True)
        ),
        people=session.scalar(
            select(func.count(EVERYONE_ASKED_FOR.c.person_id.distinct()))
            .join(Request, Request.id == EVERYONE_ASKED_FOR.c.request_id)
            .where(*asked)
        )
        or 0,
        states={
            row[0]: row[1]
            for row in session.execute(
                select(Request.state, func.count()).where(*asked).group_by(Request.state).order_by(func.count().desc())
            )
        },
        latest=tuple(
            session.scalars(
                select(Request.reference).where(*asked).order_by(Request.created_at.desc()).limit(MOST_REQUESTS)
            )
        ),
        since=since,
        until=until,
    )


def _known(session: Session, core: Core, person: Person) -> KnownPerson:
    rows = session.execute(
        select(HouseholdMember, Account)
        .join(Account, Account.id == HouseholdMember.account_id)
        .where(HouseholdMember.person_id == person.id)
        .order_by(HouseholdMember.id)
    ).all()
    live = session.scalars(
        select(Request.reference)
        .join(RequestMember, RequestMember.request_id == Request.id)
        .where(RequestMember.person_id == person.id, Request.state.in_(LIVE_REQUEST_STATES))
        .order_by(Request.created_at)
    ).all()
    return KnownPerson(
        national_number=open_national_number(core.vault, person),
        birth_date=person.birth_date,
        entries=tuple(
            Entry(member.name, member.relation, member.created_at, open_phone(core.vault, account)[-PHONE_ENDS:])
            for member, account in rows
        ),
        requests=tuple(live),
    )


def _decided_by(session: Session, case: ReviewCase) -> str:
    if case.officer_id is None:
        return ""
    return session.get_one(Account, case.officer_id).username
