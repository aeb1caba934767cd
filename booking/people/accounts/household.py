"""The people whom an account acts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.register import (
    Agreement,
    Identity,
    RegisterAwayError,
    Sealed,
    open_national_number,
    seal_national_number,
)
from booking.country.policy.limits import ACTIVE_LIMITS
from booking.people.accounts.doubts import refuse_doubtful
from booking.people.accounts.identity import note_identity
from booking.platform.base import fields
from booking.platform.base.errors import (
    FieldError,
    HouseholdFullError,
    InvalidInputError,
    NotFoundError,
    PersonInUseError,
    PhoneNotConfirmedError,
)
from booking.platform.models import Account, HouseholdMember, OnlineCase, Person, Request, RequestMember
from booking.platform.models.base import Json
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.online.case import RUNNING
from booking.platform.models.states import RequestState

SHOWN_DIGITS: Final = 3
ENDED_WITHOUT_PLACE: Final = frozenset({RequestState.WITHDRAWN, RequestState.LAPSED})

# Built once: putting such a statement together takes as long as running it.
_ADD: Final = insert(HouseholdMember).returning(HouseholdMember.id)
_KNOWN: Final = select(HouseholdMember).where(
    HouseholdMember.account_id == bindparam("account_id"), HouseholdMember.person_id == bindparam("person_id")
)
_NEW_PERSON: Final = (
    insert(Person).on_conflict_do_nothing(index_elements=[Person.national_number_hash]).returning(Person)
)
_ACCOUNT: Final = (
    select(Account.phone_confirmed_at).where(Account.id == bindparam("account_id")).with_for_update(key_share=True)
)
_PERSON: Final = select(Person).where(Person.national_number_hash == bindparam("hash")).with_for_update()
_OTHERS: Final = select(
    func.count().label("members"),
    func.count().filter(HouseholdMember.relation == "self").label("holders"),
    ACTIVE_LIMITS.scalar_subquery().label("limits"),
).where(HouseholdMember.account_id == bindparam("account_id"))


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a household as a page shows them; ``number_ends`` are the last digits of the national number.

    ``level`` says how sure it is that the account may act for this person.
    """

    id: int
    person_id: UUID
    name: str
    relation: str
    birth_date: date
    number_ends: str
    level: IdentityLevel


def add_member(
    core: Core,
    *,
    account_id: UUID,
    name: str,
    national_number: str,
    birth_date: date | str,
    relation: str,
    sure: bool = True,
) -> int:
    """Let an account act for a person; returns the household member's id.

    The register is asked whether number, name and birth date are one living person: then the member is *matched*, else,
    or while the register is away, *claimed*. Which of the three does not fit is not said. Adding someone again with the
    same answers is the same member, and asks the register again: a double click adds one. Other answers for a number
    that is in the household already change nothing: it may be a sibling's, mistyped. What others typed for the same
    number is no reason to refuse anything.

    Parameters
    ----------
    sure
        What is odd was looked at again; otherwise it is refused once (`booking.people.accounts.doubts`).

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``national_number`` "in_household": one of the household has this number,
        with another name, relation or birth date. ``relation`` "self_taken": the account's holder is someone else
        already. ``sure``: one of the doubts.
    HouseholdFullError
        The account acts for as many people as policy allows.
    PhoneNotConfirmedError
        The account's phone comes first.
    TooManyAttemptsError
        Too many tries by this account, or by it about this number.
    """
    errors: list[FieldError] = []
    typed = note_identity(core, errors, name=name, national_number=national_number, birth_date=birth_date)
    with fields.noted(errors):
        relation = fields.relation(relation)
    fields.raise_all(errors)
    # Bounds guessing: the answer shows whether name and birth date go with a national number.
    with core.sessions() as session:
        helper = session.scalar(select(Account.registered_helper).where(Account.id == account_id)) or False
    charge(core, "register", {"account": str(account_id), "person": about(account_id, typed.number)}, helper=helper)
    matched = matches(core, Identity(typed.number, typed.name, typed.born))

    with core.sessions.begin() as session:
        _lock(session, account_id)
        person = known_person(session, core, seal_national_number(core.vault, typed.number), typed.born)
        known = session.scalars(_KNOWN, {"account_id": account_id, "person_id": person.id}).one_or_none()
        if known is not None and (known.name, known.relation, known.birth_date) != (typed.name, relation, typed.born):
            raise InvalidInputError([FieldError("national_number", "in_household")])
        if matched:
            person.birth_date = typed.born
            session.flush()
        if known is not None:
            if matched and known.level is IdentityLevel.CLAIMED:
                known.level = IdentityLevel.MATCHED
            return known.id
        _check_place(session, core, account_id, relation)
        if not sure:
            refuse_doubtful(session, core, account_id, person.id, typed, relation)
        return session.scalars(
            _ADD,
            {
                "account_id": account_id,
                "person_id": person.id,
                "name": typed.name,
                "relation": relation,
                "created_at": core.clock.now(),
                "typed_birth_date": typed.born,
                "level": level_of(matched=matched),
            },
        ).one()


def level_of(*, matched: bool) -> IdentityLevel:
    """Return the level of somebody whom nobody has proven yet."""
    return IdentityLevel.MATCHED if matched else IdentityLevel.CLAIMED


def matches(core: Core, identity: Identity) -> bool:
    """Return whether the register says that all of it is one living person; not while it is away."""
    try:
        return core.register.match(identity).person is Agreement.YES
    except RegisterAwayError:
        return False


def members_of_request(core: Core, *, account_id: UUID, reference: str) -> list[int]:
    """Return who is in a request of the account and still in its household; nobody for an unknown request."""
    with core.sessions() as session:
        return list(
            session.scalars(
                select(HouseholdMember.id)
                .join(RequestMember, RequestMember.person_id == HouseholdMember.person_id)
                .join(Request, Request.id == RequestMember.request_id)
                .where(
                    Request.reference == reference,
                    Request.account_id == account_id,
                    HouseholdMember.account_id == account_id,
                )
            )
        )


def likely_people(core: Core, *, account_id: UUID, members: Sequence[Member]) -> list[int]:
    """Return who of a household most likely comes, to be ticked at first.

    That is its only person; else those of the account's last request where that was given up or ended without a place.
    """
    if len(members) == 1:
        return [members[0].id]
    with core.sessions() as session:
        last = session.execute(
            select(Request.reference, Request.state)
            .where(Request.account_id == account_id)
            .order_by(Request.created_at.desc())
            .limit(1)
        ).one_or_none()
    if last is None or last.state not in ENDED_WITHOUT_PLACE:
        return []
    return members_of_request(core, account_id=account_id, reference=last.reference)


def remove_member(core: Core, *, account_id: UUID, member_id: int) -> None:
    """Stop acting for a person.

    Raises
    ------
    NotFoundError
        The account has no such member.
    PersonInUseError
        The person is in a live request or running case of this account.
    """
    with core.sessions.begin() as session:
        member = locked_member(session, account_id, member_id)
        if is_in_use(session, member):
            raise PersonInUseError
        session.delete(member)


def locked_member(session: Session, account_id: UUID, member_id: int) -> HouseholdMember:
    """Return a person of an account's household, which changes one step at a time; raises NotFoundError."""
    _lock(session, account_id, confirmed=False)
    member = session.get(HouseholdMember, member_id, populate_existing=True)
    if member is None or member.account_id != account_id:
        raise NotFoundError
    return member


def is_in_use(session: Session, member: HouseholdMember) -> bool:
    """Return whether the account has a live request or running case that names the person."""
    asked = exists().where(
        Request.account_id == member.account_id,
        RequestMember.request_id == Request.id,
        RequestMember.person_id == member.person_id,
        RequestMember.live,
    )
    asked_online = exists().where(
        OnlineCase.account_id == member.account_id,
        OnlineCase.person_id == member.person_id,
        OnlineCase.state.in_(RUNNING),
    )
    return bool(session.scalar(select(asked | asked_online)))


def list_members(core: Core, *, account_id: UUID) -> list[Member]:
    """List the people whom an account acts for, in the order in which they were added."""
    with core.sessions() as session:
        members = session.scalars(
            select(HouseholdMember).where(HouseholdMember.account_id == account_id).order_by(HouseholdMember.id)
        ).all()
    return [
        Member(
            id=member.id,
            person_id=member.person_id,
            name=member.name,
            relation=member.relation,
            birth_date=member.birth_date,
            number_ends=open_national_number(core.vault, member.person)[-SHOWN_DIGITS:],
            level=member.level,
        )
        for member in members
    ]


def _cap(core: Core, limits: Json | None) -> int:
    """Return how many people an account may act for, by the active quota policy or else by the country pack."""
    return int((limits or {}).get("household_members", core.pack.quotas.limits.household_members))


def _lock(session: Session, account_id: UUID, *, confirmed: bool = True) -> None:
    """Take the account's row, so that its household changes one step at a time."""
    account = session.execute(_ACCOUNT, {"account_id": account_id}).one_or_none()
    if account is None:
        raise NotFoundError
    if confirmed and account.phone_confirmed_at is None:
        raise PhoneNotConfirmedError


def known_person(session: Session, core: Core, number: Sealed, born: date) -> Person:
    """Find the person with this number, or make them; two who do this at once get the same one, locked."""
    new = {
        "id": uuid4(),
        "national_number_ciphertext": number.ciphertext,
        "national_number_hash": number.hash,
        "birth_date": born,
        "created_at": core.clock.now(),
    }
    made = session.scalars(_NEW_PERSON, new).one_or_none()
    return made or session.scalars(_PERSON, {"hash": number.hash}).one()


def _check_place(session: Session, core: Core, account_id: UUID, relation: str) -> None:
    """Check that the household has room for one more, and that only one of it is the holder."""
    others = session.execute(_OTHERS, {"account_id": account_id}).one()
    if others.members >= _cap(core, others.limits):
        raise HouseholdFullError
    if relation == "self" and others.holders:
        raise InvalidInputError([FieldError("relation", "self_taken")])
