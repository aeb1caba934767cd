"""A person begins a case: a draft for somebody of the household, kept until it is sent or has lain for too long."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import GRANTS, Permission
from booking.country.core.known_facts import facts_of
from booking.country.core.known_rows import row_version
from booking.country.core.register import RegisterFacts
from booking.country.packs.answers import Answer
from booking.country.packs.fields import Residence
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.answer import CaseForm, form_with, own_form
from booking.eservices.online.errors import NotEligibleError, NotOfferedError, TooManyDraftsError
from booking.eservices.online.rows import OwnCase, seal_answers
from booking.people.identity.grants import ask_to_show_again
from booking.people.identity.levels import require_level
from booking.people.prerequisites.standing import PrerequisiteMissingError, lacking, of_moment, subjects
from booking.platform.base.arrays import table_of
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError, PhoneNotConfirmedError
from booking.platform.base.references import new_reference
from booking.platform.models import Account, HouseholdMember, OnlineCase, Service
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Door

NOT_FOR_RESIDENCE: Final = "not_for_residence"
TOO_YOUNG: Final = "too_young"
TOO_OLD: Final = "too_old"
OTHER_GENDER: Final = "other_gender"
HAS_PASSPORT: Final = "has_passport"
NEEDS_PASSPORT: Final = "needs_passport"


def residence_of(door: Door) -> Residence:
    """Return the people of a door as documents and fees name them."""
    return "resident" if door is Door.HOME else "expatriate"


def age_on(born: date, day: date) -> int:
    """Count whole years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def why_not(
    spec: ServiceSpec, *, residence: Residence, born: date, record: RegisterFacts | None, today: date
) -> tuple[str, ...]:
    """List why a person may not ask for the service; nothing where they may.

    What no register knows (``eligibility.conditions``, or a gender it does not know) is declared by the person and
    looked at by an officer.
    """
    rule, age = spec.eligibility, age_on(born, today)
    holds = record is not None and record.passport_valid_until is not None
    found = (
        (NOT_FOR_RESIDENCE, spec.audience not in {"both", residence}),
        (TOO_YOUNG, rule.min_age is not None and age < rule.min_age),
        (TOO_OLD, rule.max_age is not None and age > rule.max_age),
        (OTHER_GENDER, rule.gender is not None and record is not None and record.gender not in {None, rule.gender}),
        (HAS_PASSPORT, record is not None and rule.passport == "none" and holds),
        (NEEDS_PASSPORT, record is not None and rule.passport == "held" and not holds),
    )
    return tuple(reason for reason, true in found if true)


_ONLINE: Final = select(Service.id, row_version(Service)).where(
    Service.code == bindparam("code"), Service.active, Service.delivery != "appointment"
)


def find_online_service(core: Core, code: str) -> tuple[int, ServiceSpec]:
    """Find an active service that is asked for online: its id and its file; raises NotFoundError."""
    with core.sessions.reading() as session:
        found = session.execute(_ONLINE, {"code": code}).one_or_none()
        if found is None:
            raise NotFoundError
        return found.id, core.known_services.files.of(session, *found)


def is_offered(core: Core, spec: ServiceSpec) -> bool:
    """Return whether the service can be asked for online now."""
    with core.sessions() as session:
        return _is_handled(session, spec)


def offered_codes(session: Session, specs: Sequence[ServiceSpec]) -> set[str]:
    """Return the codes of those services that can be asked for online now."""
    staffed = _staffed(session)
    return {one.code for one in specs if one.online and (one.issued_at_once or one.agency in staffed)}


def check_offered(session: Session, spec: ServiceSpec) -> None:
    """Refuse what nobody would handle; raises NotOfferedError."""
    if not _is_handled(session, spec):
        raise NotOfferedError


def _is_handled(session: Session, spec: ServiceSpec) -> bool:
    return spec.online and (spec.issued_at_once or spec.agency in _staffed(session))


def _staffed(session: Session) -> set[str]:
    """Return the agencies with an open account of somebody who handles cases."""
    rows = session.execute(
        select(Account.agency_code, Account.roles).where(Account.agency_code.is_not(None), Account.closed_at.is_(None))
    )
    handlers = {role.value for role in GRANTS[Permission.HANDLE_ONLINE]}
    return {code for code, roles in rows if code and handlers & set(roles)}


MOST_DRAFTS: Final = 30


def begin_case(core: Core, *, account_id: UUID, service: str, member_id: int | None) -> str:
    """Begin a case for someone of one's household, or go on with the draft that there is; return its reference.

    Raises
    ------
    InvalidInputError
        ``person``: nobody was chosen, or somebody who is not of the household.
    NotFoundError
        There is no such online service.
    NotOfferedError
        Nobody would handle the service now.
    booking.people.identity.levels.IdentityLevelError
        The person has to be proven first, by the service's file.
    booking.country.core.register.RegisterAwayError
        The register does not answer; nothing has changed.
    NotEligibleError
        The person may not ask for it; every reason is named.
    PrerequisiteMissingError
        The person lacks what must be there first.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyDraftsError
        The account has as many unfinished cases as are kept.
    """
    return begin_case_form(core, account_id=account_id, service=service, member_id=member_id).case.reference


def begin_case_form(core: Core, *, account_id: UUID, service: str, member_id: int | None) -> CaseForm:
    """Do as `begin_case`, and return the form of the case; raises as that does."""
    found = find_online_service(core, service)
    try:
        with core.sessions.begin() as session:
            begun = _begin(session, core, account_id=account_id, service=found, member_id=member_id)
    except IntegrityError:  # pressed twice at once: the other one made it
        with core.sessions() as session:
            member = _member(session, account_id, member_id)
            known = _drafts(session, account_id).get((member.person_id, found[0]))
        if known is None:
            raise
        begun = known
    if isinstance(begun, OwnCase):
        return form_with(core, begun, {})
    return own_form(core, account_id=account_id, reference=begun)


def begin_draft(
    session: Session, core: Core, *, account_id: UUID, service: tuple[int, ServiceSpec], member_id: int | None
) -> str:
    """Begin a case in the caller's transaction, or return the draft that there is; ``service``: its id and its file.

    Raises
    ------
    InvalidInputError
        ``person``: nobody was chosen, or somebody who is not of the household.
    NotOfferedError
        Nobody would handle the service now.
    booking.people.identity.levels.IdentityLevelError
        The person has to be proven first, by the service's file.
    booking.country.core.register.RegisterAwayError
        The register does not answer; nothing has changed.
    NotEligibleError
        The person may not ask for it; every reason is named.
    PrerequisiteMissingError
        The person lacks what must be there first.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyDraftsError
        The account has as many unfinished cases as are kept.
    """
    begun = _begin(session, core, account_id=account_id, service=service, member_id=member_id)
    return begun.case.reference if isinstance(begun, OwnCase) else begun


def _begin(
    session: Session, core: Core, *, account_id: UUID, service: tuple[int, ServiceSpec], member_id: int | None
) -> OwnCase | str:
    """Return the case that is begun, or the reference of the draft that there is; raises as `begin_draft`."""
    service_id, spec = service
    account = session.scalars(_ASKER, {"account_id": account_id}).one()
    if account.phone_confirmed_at is None:
        raise PhoneNotConfirmedError
    check_offered(session, spec)
    member = _member(session, account_id, member_id)
    require_level([member], spec.identity.to_ask(at_an_office=spec.at_an_office))
    check_eligible(session, core, spec, account, member, {})
    drafts = _drafts(session, account_id)
    known = drafts.get((member.person_id, service_id))
    if known is not None:
        return known
    if len(drafts) >= MOST_DRAFTS:
        raise TooManyDraftsError(MOST_DRAFTS)
    case_id, now = uuid4(), core.clock.now()
    row = {
        "id": case_id,
        "reference": new_reference(),
        "account_id": account_id,
        "person_id": member.person_id,
        "service_id": service_id,
        "agency_code": spec.agency,
        "residence": residence_of(account.door),
        "state": OnlineState.DRAFT,
        "answers": seal_answers(core.vault, case_id, {}),
        "created_at": now,
        "changed_at": now,
    }
    session.execute(_NEW, row)
    return OwnCase(OnlineCase(**row), member.name, spec)


def check_eligible(
    session: Session,
    core: Core,
    spec: ServiceSpec,
    account: Account,
    member: HouseholdMember,
    answers: Mapping[str, Answer],
) -> None:
    """Refuse a person who may not ask for the service, or lacks what must be there first.

    Raises
    ------
    NotEligibleError
        Every reason is named.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Something must be there first.
    IdentityLevelError
        The register ended the grant of the person: they show it again.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    """
    record = facts_of(core, member, spec.identity.facts)
    if record is None:
        ask_to_show_again(core, [member], spec.identity.facts)
    residence = residence_of(account.door)
    reasons = why_not(spec, residence=residence, born=member.birth_date, record=record, today=core.today())
    if reasons:
        raise NotEligibleError(reasons)
    first = of_moment(spec.prerequisites_for(answers), "when-asking")
    party = subjects(session, core, [member], residence) if first else []
    if lacks := lacking(first, party, core.today()):
        raise PrerequisiteMissingError(spec.code, lacks)


def _member(session: Session, account_id: UUID, member_id: int | None) -> HouseholdMember:
    if member_id is None:
        raise InvalidInputError([FieldError("person", "choose_one")])
    member = session.scalar(_OF_ACCOUNT, {"member_id": member_id, "account_id": account_id})
    if member is None:
        raise InvalidInputError([FieldError("person", "unknown_person")])
    return member


def _drafts(session: Session, account_id: UUID) -> dict[tuple[UUID, int], str]:
    """Return the references of an account's drafts by the person and the service that they are for."""
    rows = session.execute(_DRAFTS, {"account_id": account_id})
    return {(row.person_id, row.service_id): row.reference for row in rows}


_NEW: Final = insert(table_of(OnlineCase))
_ASKER: Final = select(Account).where(Account.id == bindparam("account_id")).with_for_update(key_share=True)
_OF_ACCOUNT: Final = select(HouseholdMember).where(
    HouseholdMember.id == bindparam("member_id"), HouseholdMember.account_id == bindparam("account_id")
)
_DRAFTS: Final = select(OnlineCase.person_id, OnlineCase.service_id, OnlineCase.reference).where(
    OnlineCase.account_id == bindparam("account_id"), OnlineCase.state == OnlineState.DRAFT
)
