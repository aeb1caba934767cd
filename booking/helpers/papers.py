"""Consent on paper, for a person without a phone: the form is printed, signed, photographed and sent in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.accounts.household import SHOWN_DIGITS
from booking.accounts.phoneless import Standing, phoneless_account
from booking.base.errors import FieldError, InvalidInputError
from booking.base.references import new_reference
from booking.core import audit
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.core.sealed import open_national_number
from booking.evidence.kinds import kind_of
from booking.evidence.receive import keep_pages
from booking.evidence.store import EvidenceStore
from booking.helpers.caps import helper_limits, take_person
from booking.helpers.errors import ConsentMissingError, ConsentUsedError
from booking.helpers.rows import active_helper, consent_of
from booking.models import Account, Consent, ConsentPaper, Helper, HouseholdMember, Person
from booking.models.accounts.helper_states import ConsentState
from booking.requests.helper_devices import note_device
from booking.urgent.evidence import LARGEST_FILE

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
    """Open the folder with the papers, beside that of urgent cases."""
    return EvidenceStore(core.settings.evidence_folder / FOLDER, core.vault)


def begin_paper(core: Core, *, by: UUID, person: Standing, origin: Origin) -> UUID:
    """Begin the consent of a person without a phone; returns its id. The form can be printed then.

    What comes of it belongs to an account of the person without phone, as for who asks at a counter.

    Raises
    ------
    InvalidInputError
        ``birth_date`` "does_not_match": the person is known with another one.
    HelperSuspendedError, TooManyAtOnceError, TooManyAttemptsError, ForbiddenError
        The helper may not now.
    """
    with core.sessions.begin() as session:
        active_helper(session, by)
    charge(core, "register", {"account": str(by), "person": person.number}, helper=True)
    with core.sessions.begin() as session:
        helper = active_helper(session, by, alone=True)
        take_person(session, core, helper)
        account_id, member_id = phoneless_account(session, core, helper.office.door, person)
        now = core.clock.now()
        consent = Consent(
            helper_id=helper.id,
            account_id=account_id,
            person_id=session.get_one(HouseholdMember, member_id).person_id,
            asked_at=now,
            ends_at=now + timedelta(days=helper_limits(session).helper_paper_days),
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
    ConsentMissingError, ConsentUsedError, HelperSuspendedError, NotFoundError, ForbiddenError
        It is over, used, or not on paper; the helper may not now; it is none of its own.
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
    """Check the photo of the signed form, keep it as plain pages, and take the consent as given until an officer looks.

    Another photo takes the place of the one before, until the request is sent; the same one again changes nothing.

    Raises
    ------
    InvalidInputError
        ``file``: none, too large, not an image or PDF, damaged, too many pixels, pages or tries.
    ConsentMissingError, ConsentUsedError, HelperSuspendedError, NotFoundError, ForbiddenError
        As for `consent_form`.
    TooManyAttemptsError, EvidenceUnavailableError
        Each photo costs some processor time; the folder, checker or converter does not answer. Nothing is kept.
    UploadRunningError, BusyError
        Another photo of the helper's, or too many of others, are being looked at.
    """
    digest = sha256(content).digest()
    with core.sessions.begin() as session:
        _, consent = _open_consent(session, core, by, consent_id)
        if not content or len(content) > LARGEST_FILE:
            raise InvalidInputError([FieldError("file", "no_file" if not content else "too_large_file", most=10)])
        if _same_photo(session, consent, digest):
            return
        _check_tries(session, consent)
    charge(core, "evidence", origin.subjects(account=str(by)), helper=True)
    store, paper_id = consent_store(core), uuid4()
    converted = keep_pages(core, store, paper_id, content, by=by)
    replaced: ConsentPaper | None = None
    kept = False
    try:
        with core.sessions.begin() as session:
            helper, consent = _open_consent(session, core, by, consent_id)
            if not _same_photo(session, consent, digest):  # sent twice at once: the consent is locked
                _check_tries(session, consent)
                replaced = kept_paper(session, consent.id)
                if replaced is not None:
                    replaced.removed_at = core.clock.now()
                    session.flush()
                session.add(
                    ConsentPaper(
                        id=paper_id,
                        consent_id=consent.id,
                        sha256=digest,
                        media_type=kind_of(content).value,
                        size=len(content),
                        pages=len(converted.pages),
                        uploaded_at=core.clock.now(),
                    )
                )
                if consent.state is ConsentState.ASKED:
                    consent.move_to(ConsentState.GIVEN)
                    consent.given_at = core.clock.now()
                note_device(session, core, helper, origin)
                kept = True
    finally:
        if not kept:
            store.remove(paper_id, len(converted.pages))
    if replaced is not None:
        store.remove(replaced.id, replaced.pages)


def drop_paper(core: Core, *, by: UUID, consent_id: UUID) -> None:
    """End a consent on paper that was not used, for a person who does not want it any more; its photo is removed.

    Raises
    ------
    ConsentMissingError, ConsentUsedError, HelperSuspendedError, NotFoundError, ForbiddenError
        As for `consent_form`.
    """
    with core.sessions.begin() as session:
        helper, consent = _open_consent(session, core, by, consent_id)
        consent.move_to(ConsentState.WITHDRAWN)
        consent.withdrawn_at = core.clock.now()
        paper = kept_paper(session, consent.id)
        if paper is not None:
            paper.removed_at = core.clock.now()
        audit.append(
            session,
            at=core.clock.now(),
            actor=session.get_one(Account, by).username,
            account_id=by,
            action="helper.paper_dropped",
            subject=consent.paper_reference or "",
            details={"helper": str(helper.id), "consent": str(consent.id)},
        )
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


def _same_photo(session: Session, consent: Consent, digest: bytes) -> bool:
    paper = kept_paper(session, consent.id)
    return paper is not None and paper.sha256 == digest


def _check_tries(session: Session, consent: Consent) -> None:
    ever = session.scalar(select(func.count()).where(ConsentPaper.consent_id == consent.id)) or 0
    if ever >= MOST_TRIES:
        raise InvalidInputError([FieldError("file", "too_many_files", most=MOST_TRIES)])
