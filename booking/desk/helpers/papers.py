"""Consent on paper, for a person without a phone: the form is printed, signed, photographed and sent in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from booking.country.core import audit, register
from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_request, require
from booking.country.core.register import open_national_number
from booking.country.core.security import Origin
from booking.country.packs.quotas import HelperLimits
from booking.country.policy import limits as policy_limits
from booking.desk.helpers.clients import take_person
from booking.desk.helpers.errors import ConsentMissingError, ConsentUsedError
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.accounts.household import SHOWN_DIGITS, matches
from booking.people.accounts.identity import Identity
from booking.people.accounts.opening import phoneless_account
from booking.people.evidence.accept import Page, Place, accept
from booking.people.evidence.retention import remove_files
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.errors import NotFoundError
from booking.platform.base.references import new_reference
from booking.platform.models import Account, Consent, ConsentPaper, Helper, HouseholdMember, Person, Request
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.states import RequestState
from booking.scheduling.requests.helper_devices import note_device
from booking.scheduling.requests.review import accounts_with_phone

MOST_TRIES: Final = 6
"""Photos that were ever sent for one consent: each costs some seconds of a processor."""
FOLDER: Final = "consents"


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """What is printed for the person to sign; their whole name they write themselves."""

    organisation: str
    licence: str
    reference: str
    first_name: str
    number_ends: str
    until: datetime


def consent_store(core: Core) -> EvidenceStore:
    """Return where signed papers are kept."""
    return EvidenceStore(core.files, core.vault, FOLDER)


def begin_paper(core: Core, *, by: UUID, person: Identity, origin: Origin) -> UUID:
    """Begin the consent of a person without a phone; returns its id. The form can be printed then.

    What comes of it belongs to an account of the person without phone, as for one who asks at a counter.

    Raises
    ------
    InvalidInputError
        ``birth_date`` "does_not_match": the person is proven with another one.
    HelperSuspendedError
        The helper is suspended.
    TooManyAtOnceError
        As many people as the helper may have at once were asked for their consent, or gave it, and it was not used yet.
    TooManyAttemptsError
        The helper asked too many people, or too often for this one.
    ForbiddenError
        The account is not a helper's.
    NotFoundError
        The helper was never registered.
    PolicyMissingError
        No quota policy is active.
    """
    with core.sessions.begin() as session:
        active_helper(session, by)
    charge(core, "register", {"account": str(by), "person": about(by, person.number)}, helper=True)
    matched = matches(core, register.Identity(person.number, person.name, person.born))
    with core.sessions.begin() as session:
        helper = active_helper(session, by, alone=True)
        take_person(session, core, helper)
        account_id, member_id = phoneless_account(session, core, helper.office.door, person, matched=matched)
        now = core.clock.now()
        consent = Consent(
            helper_id=helper.id,
            account_id=account_id,
            person_id=session.get_one(HouseholdMember, member_id).person_id,
            asked_at=now,
            ends_at=now + timedelta(days=policy_limits.read(session, HelperLimits).helper_paper_days),
            paper_reference=new_reference(),
        )
        session.add(consent)
        session.flush()
        note_device(session, core, helper, origin)
        return consent.id


def consent_form(core: Core, *, by: UUID, consent_id: UUID) -> ConsentForm:
    """Return what the form says, as long as it can still be signed and used.

    Raises
    ------
    ConsentMissingError
        The consent is over, or not on paper.
    ConsentUsedError
        The consent was used for a request already.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions.begin() as session:
        helper, consent = _open_consent(session, core, by, consent_id)
        name = session.scalar(
            select(HouseholdMember.name).where(
                HouseholdMember.account_id == consent.account_id, HouseholdMember.person_id == consent.person_id
            )
        )
        return ConsentForm(
            organisation=helper.organisation,
            licence=helper.licence,
            reference=consent.paper_reference or "",
            first_name=(name or "").partition(" ")[0],
            number_ends=open_national_number(core.vault, session.get_one(Person, consent.person_id))[-SHOWN_DIGITS:],
            until=consent.ends_at,
        )


def send_paper(core: Core, *, by: UUID, consent_id: UUID, content: bytes, origin: Origin) -> None:
    """Take the photo of the signed form in, and the consent as given until an officer looks.

    Another photo takes the place of the one before, until the request is sent; the same one again changes nothing.

    Raises
    ------
    ConsentMissingError
        The consent is over, or not on paper.
    ConsentUsedError
        The consent was used for a request already.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    MawidError
        What `booking.people.evidence.accept.accept` refuses; nothing is kept.
    """
    replaced: list[ConsentPaper] = []

    def paper(session: Session, opened: tuple[Helper, Consent], _fingerprints: list[str]) -> ConsentPaper:
        helper, consent = opened
        before = kept_paper(session, consent.id)
        if before is not None:
            before.removed_at = core.clock.now()
            session.flush()
            replaced.append(before)
        if consent.state is ConsentState.ASKED:
            consent.move_to(ConsentState.GIVEN)
            consent.given_at = core.clock.now()
        note_device(session, core, helper, origin)
        return ConsentPaper(consent_id=consent.id)

    place = Place(
        store=consent_store(core),
        table=ConsentPaper,
        owner=lambda session: _open_consent(session, core, by, consent_id),
        files_of=lambda opened: ConsentPaper.consent_id == opened[1].id,
        same=lambda _: true(),
        row=paper,
        most_tries=MOST_TRIES,
    )
    accept(core, place, content, by=by, origin=origin, helper=True)
    for before in replaced:
        place.store.remove(before.id, before.pages)


def drop_paper(core: Core, *, by: UUID, consent_id: UUID) -> None:
    """End a consent on paper that was not used, for a person who does not want it any more; its photo is removed.

    Raises
    ------
    ConsentMissingError
        The consent is over, or not on paper.
    ConsentUsedError
        The consent was used for a request already.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions.begin() as session:
        helper, consent = _open_consent(session, core, by, consent_id)
        consent.move_to(ConsentState.WITHDRAWN)
        consent.withdrawn_at = core.clock.now()
        paper = kept_paper(session, consent.id)
        if paper is not None:
            paper.removed_at = core.clock.now()
        account, reference = session.get_one(Account, by), consent.paper_reference or ""
        details = {"helper": str(helper.id), "consent": str(consent.id)}
        audit.record(session, core, account, "helper.paper_dropped", reference, **details)
    if paper is not None:
        consent_store(core).remove(paper.id, paper.pages)


def kept_paper(session: Session, consent_id: UUID) -> ConsentPaper | None:
    """Return the photo that is kept of a consent."""
    return session.scalar(
        select(ConsentPaper).where(ConsentPaper.consent_id == consent_id, ConsentPaper.removed_at.is_(None))
    )


def _open_consent(session: Session, core: Core, by: UUID, consent_id: UUID) -> tuple[Helper, Consent]:
    """Lock a consent on paper that can still be used."""
    helper = active_helper(session, by)
    consent = consent_of(session, helper, consent_id, locked=True)
    if consent.state is ConsentState.USED:
        raise ConsentUsedError
    if consent.paper_reference is None or consent.is_over(core.clock.now()):
        raise ConsentMissingError
    return helper, consent


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """What must stand on the paper, and what else is known.

    ``pages`` is 0 once the photo was removed. ``same_photo`` counts the other consents with which this very photo was
    sent; ``has_phone``: the person holds an account with a confirmed phone, which is told of the request;
    ``taken_back``: the person withdrew the consent at a counter.
    """

    reference: str
    organisation: str
    licence: str
    name: str
    number_ends: str
    begun_at: datetime
    sent_at: datetime | None
    pages: int
    same_photo: int
    has_phone: bool
    taken_back: bool


def paper_of(core: Core, *, reference: str) -> SignedPaper | None:
    """Return the paper on which a request stands; None where it stands on none."""
    with core.sessions() as session:
        found = session.execute(
            select(Consent, Helper, Person, HouseholdMember.name)
            .join(Request, Request.id == Consent.request_id)
            .join(Helper, Helper.id == Consent.helper_id)
            .join(Person, Person.id == Consent.person_id)
            .outerjoin(
                HouseholdMember,
                (HouseholdMember.account_id == Consent.account_id) & (HouseholdMember.person_id == Consent.person_id),
            )
            .where(Request.reference == reference, Consent.paper_reference.is_not(None))
        ).one_or_none()
        if found is None:
            return None
        consent, helper, person, name = found
        paper = kept_paper(session, consent.id)
        return SignedPaper(
            reference=consent.paper_reference or "",
            organisation=helper.organisation,
            licence=helper.licence,
            name=name or "",
            number_ends=open_national_number(core.vault, person)[-SHOWN_DIGITS:],
            begun_at=consent.asked_at,
            sent_at=None if paper is None else paper.uploaded_at,
            pages=0 if paper is None else paper.pages,
            same_photo=0 if paper is None else _same_photo(session, paper),
            has_phone=bool(accounts_with_phone(session, consent.person_id)),
            taken_back=consent.state is ConsentState.WITHDRAWN,
        )


def read_paper_page(core: Core, *, officer_id: UUID, reference: str, page: int) -> Page:
    """Return one page of the paper to an officer who may decide the request, on the record.

    Raises
    ------
    OwnCaseError
        The request is of the officer's own person, household or phone.
    ForbiddenError
        The account may not decide reviews.
    NotFoundError
        There is no such request on paper, or its paper has no such page, or no longer.
    EvidenceUnavailableError
        The folder does not give the page.
    """
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.DECIDE_REVIEWS)
        found = session.execute(
            select(Request.id, ConsentPaper)
            .join(Consent, Consent.request_id == Request.id)
            .join(ConsentPaper, ConsentPaper.consent_id == Consent.id)
            .where(Request.reference == reference, ConsentPaper.removed_at.is_(None))
        ).one_or_none()
        if found is None or not 0 <= page < found.ConsentPaper.pages:
            raise NotFoundError
        refuse_own_request(session, officer_id, found.id)
        audit.record(
            session, core, officer, "review.paper_read", reference, paper=str(found.ConsentPaper.id), page=page
        )
        paper_id = found.ConsentPaper.id
    return Page(consent_store(core).get(paper_id, page))


def _same_photo(session: Session, paper: ConsentPaper) -> int:
    others = select(func.count(ConsentPaper.consent_id.distinct())).where(
        ConsentPaper.sha256 == paper.sha256, ConsentPaper.consent_id != paper.consent_id
    )
    return session.scalar(others) or 0


def remove_old_consents(core: Core) -> int:
    """Remove the photos of papers decided some days ago or never used, and of uploads that broke off; return how many.

    A paper that waits for an officer, at first or in an appeal, is kept. The row stays, with the file's hash.
    """
    now = core.clock.now()

    def over(session: Session) -> Select[ConsentPaper]:
        keep = timedelta(days=policy_limits.read(session, HelperLimits).helper_paper_kept_days)
        decided = and_(Request.state != RequestState.UNDER_REVIEW, Request.decided_at < now - keep)
        unused = and_(
            Consent.request_id.is_(None), or_(Consent.state == ConsentState.WITHDRAWN, Consent.ends_at <= now)
        )
        return (
            select(ConsentPaper)
            .join(Consent, Consent.id == ConsentPaper.consent_id)
            .outerjoin(Request, Request.id == Consent.request_id)
            .where(or_(decided, unused))
        )

    return remove_files(core, consent_store(core), ConsentPaper, over)
