"""A person begins a case: a draft for somebody of the household, kept until it is sent or has lain for too long."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.known_facts import facts_of
from booking.country.packs.answers import Answer
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.eligible import residence_of, why_not
from booking.eservices.online.errors import NotEligibleError, TooManyDraftsError
from booking.eservices.online.form import CaseForm, form_with, own_form
from booking.eservices.online.offered import check_offered, find_online_service
from booking.eservices.online.rows import OwnCase, seal_answers
from booking.people.identity.grants import ask_to_show_again
from booking.people.identity.levels import require_level
from booking.people.prerequisites.errors import PrerequisiteMissingError
from booking.people.prerequisites.known import subjects
from booking.people.prerequisites.standing import lacking, of_moment
from booking.platform.base.arrays import table_of
from booking.platform.base.errors import FieldError, InvalidInputError, PhoneNotConfirmedError
from booking.platform.base.references import new_reference
from booking.platform.models import Account, HouseholdMember, OnlineCase
from booking.platform.models.online.case import OnlineState

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
    booking.people.identity.errors.IdentityLevelError
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
    booking.people.identity.errors.IdentityLevelError
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
    booking.people.prerequisites.errors.PrerequisiteMissingError
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
