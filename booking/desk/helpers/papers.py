"""Consent on paper, for a person without a phone: the form is printed, signed, photographed and sent in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from booking.country.core import audit, register
from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.sealed import open_national_number
from booking.country.packs.quotas import HelperLimits
from booking.country.policy import limits as policy_limits
from booking.desk.helpers.caps import take_person
from booking.desk.helpers.errors import ConsentMissingError, ConsentUsedError
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.accounts.household import SHOWN_DIGITS, matches
from booking.people.accounts.identity import Identity
from booking.people.accounts.phoneless import phoneless_account
from booking.people.evidence.accept import Place, accept
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.references import new_reference
from booking.platform.models import Account, Consent, ConsentPaper, Helper, HouseholdMember, Person
from booking.platform.models.accounts.helper import ConsentState
from booking.scheduling.requests.helper_devices import note_device

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
