"""A signed paper as an officer sees it beside the request: what to compare, and what speaks for a second look."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.own_cases import refuse_own_request
from booking.country.core.permissions import Permission, require
from booking.country.core.sealed import open_national_number
from booking.desk.helpers.papers import consent_store, kept_paper
from booking.people.accounts.household import SHOWN_DIGITS
from booking.people.evidence.accept import Page
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Consent, ConsentPaper, Helper, HouseholdMember, Person, Request
from booking.platform.models.accounts.helper import ConsentState
from booking.scheduling.requests.paper_verdicts import accounts_with_phone


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
