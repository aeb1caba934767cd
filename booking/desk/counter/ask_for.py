"""A clerk asks for a person who stands at the counter and has no phone; later looks, and confirms for them."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.country.core import audit, register
from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_account, refuse_own_request, require
from booking.country.core.register import seal_national_number
from booking.country.core.security import Origin
from booking.desk.helpers.take_over import HelpedBy, helped_by, withdraw_in
from booking.people.accounts.household import matches
from booking.people.accounts.identity import Identity, read_national_number
from booking.people.accounts.opening import phoneless_account
from booking.people.identity.attest import ask_to_attest, attest_in
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.fields import noted
from booking.platform.base.references import read_reference
from booking.platform.models import (
    Account,
    Appointment,
    Consent,
    CounterRequest,
    Office,
    Person,
    Request,
    RequestMember,
)
from booking.platform.models.base import Json
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import RequestState
from booking.scheduling.appointments import respond
from booking.scheduling.appointments.papers import appointment_pass
from booking.scheduling.requests.ask import STATE_AFTER
from booking.scheduling.requests.judge_again import unread, waits_for_register
from booking.scheduling.requests.judge_wish import judge_wish
from booking.scheduling.requests.keep import keep_request, one_live_request
from booking.scheduling.requests.new_rows import new_request
from booking.scheduling.requests.review import pass_challenge
from booking.scheduling.requests.views import RequestView, request_view
from booking.scheduling.requests.wish import Wish

SEEN: Final[Json] = {
    "code": "seen_at_the_counter",
    "ar": "كان الشخص عند النافذة ومعه هويته",
    "en": "The person stood at the counter with an identity document",
}


def office_of(core: Core, *, officer_id: UUID) -> Office:
    """Return the clerk's office; raises ForbiddenError."""
    with core.sessions() as session:
        return _office(session, officer_id)


def ask_at_counter(core: Core, *, officer_id: UUID, person: Identity, wish: Wish, origin: Origin) -> str:
    """Ask for the person at the counter; returns the reference. A check is passed at once: the clerk sees who asks.

    The request is in an account of the person without phone and password: results are read at the counter, on paper, or
    with reference and national number. While the register is away the request is taken too, with a mark: it takes part
    in draws once the register agrees (`booking.scheduling.requests.judge_again`).

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed. ``birth_date`` "does_not_match": the person is
        proven with another one.
    booking.people.identity.levels.ProofRefusedError
        The register knows nobody by this number, name and birth date.
    AlreadyLiveError
        The person has a live request or appointment for this kind of service.
    PrerequisiteMissingError
        The person lacks what must be there when asking.
    TooManyAttemptsError
        Too many people were asked for by this clerk, or too often for this person, network or device.
    PolicyMissingError
        No quota policy or no rule set is active.
    ForbiddenError
        The officer serves no counter.
    OwnCaseError
        The person is the clerk's own, or of their household.
    """
    with core.sessions() as session:
        _office(session, officer_id)
    charge(core, "register", {"account": str(officer_id), "person": about(officer_id, person.number)}, helper=True)
    matched = matches(core, register.Identity(person.number, person.name, person.born))
    with core.sessions.begin() as session:
        office = _office(session, officer_id)
        account_id, member_id = phoneless_account(session, core, office.door, person, matched=matched)
        refuse_own_account(session, officer_id, account_id)
    agreed = _see(core, officer_id, account_id, member_id)
    wish, origin = wish.for_one(member_id), replace(origin, helper=officer_id)
    with core.sessions() as session:
        checked, screened = judge_wish(
            session, core, action="ask", account_id=account_id, wish=wish, origin=origin, seen=not agreed
        )
    screened = screened if agreed else unread(screened)
    request = new_request(core, checked, wish, origin)
    request.move_to(STATE_AFTER[screened.verdict.decision])
    with one_live_request(), core.sessions.begin() as session:
        office = _office(session, officer_id)
        asked = keep_request(session, core, request, screened)
        if request.state is RequestState.CHALLENGED:
            pass_challenge(session, core, session.get_one(Request, request.id), how=SEEN)
        now = core.clock.now()
        session.add(CounterRequest(request_id=request.id, office_id=office.id, clerk_id=officer_id, asked_at=now))
        _record(session, core, officer_id, "counter.asked", asked.reference)
        return asked.reference


def _see(core: Core, officer_id: UUID, account_id: UUID, member_id: int) -> bool:
    """Write down that the clerk compared face and document; return False where the register cannot agree now."""
    try:
        asked, grant = ask_to_attest(
            core, account_id=account_id, member_id=member_id, kind=ProofKind.OFFICER, by=f"officer {officer_id}"
        )
    except register.RegisterAwayError:
        return False
    with core.sessions.begin() as session:
        attest_in(session, core, asked=asked, kind=ProofKind.OFFICER, grant=grant)
        if asked.level is not IdentityLevel.SEEN:
            _record(session, core, officer_id, "counter.person_seen", str(member_id))
    return True


def waits_for_the_register(core: Core, *, officer_id: UUID, reference: str) -> bool:
    """Return whether the register has yet to agree to the person of such a request; see `look` for what it raises."""
    with core.sessions() as session:
        _owner(session, officer_id, reference)
        waits = select(Request.id).where(Request.reference == reference, waits_for_register())
        return session.scalar(waits) is not None


def look(core: Core, *, officer_id: UUID, reference: str) -> RequestView:
    """Show a request that was asked for at this office's counter, with its receipt.

    One that a helper asked for with a signed paper is shown at the counter of every office.

    Raises
    ------
    NotFoundError
        There is no such request that was asked for at a counter, or by a helper with a signed paper.
    ForbiddenError
        It was asked for at the counter of another office, or the account serves no counter.
    OwnCaseError
        The request is of the clerk's own person, household or phone.
    """
    with core.sessions() as session:
        owner = _owner(session, officer_id, reference)
    return request_view(core, owner, reference)


def printed_pass(core: Core, *, officer_id: UUID, reference: str, appointment: str) -> str:
    """Draw the pass of a confirmed appointment of such a request, as SVG. See `look` for what it raises."""
    with core.sessions() as session:
        owner = _owner(session, officer_id, reference)
    return appointment_pass(core, owner, appointment).svg


def confirm_at_counter(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Confirm the offered appointment of such a request, for the person who says so.

    Raises
    ------
    OfferLapsedError
        The time to confirm is over.
    PrerequisiteMissingError
        The person lacks what must be there on the day; the offer stands until its time is over.
    IllegalMoveError
        The appointment is not on offer any more.
    NotFoundError
        There is no such request that was asked for at a counter or with a signed paper, or it has no appointment.
    ForbiddenError
        It was asked for at the counter of another office, or the account serves no counter.
    OwnCaseError
        The request is of the clerk's own person, household or phone.
    """
    with core.sessions.begin() as session:
        owner = _owner(session, officer_id, reference)
        appointment = session.scalar(
            select(Appointment.reference)
            .join(Request, Request.id == Appointment.request_id)
            .where(Request.reference == reference)
            .order_by(Appointment.created_at.desc())
            .limit(1)
        )
        if appointment is None:
            raise NotFoundError
        if respond.confirm_and_tell_in(session, core, account_id=owner, reference=appointment):
            _record(session, core, officer_id, "counter.confirmed", reference)


def helper_of_request(core: Core, *, officer_id: UUID, reference: str) -> HelpedBy | None:
    """Return the helper who asked for such a request on paper, or None; see `look` for what it raises."""
    with core.sessions() as session:
        owner = _owner(session, officer_id, reference)
    return helped_by(core, account_id=owner, reference=reference)


def withdraw_at_counter(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Withdraw the consent that was signed on paper, for the person who says so: the helper no longer sees it.

    Raises
    ------
    IllegalMoveError
        The consent is withdrawn already.
    NotFoundError
        There is no such request that was asked for by a helper with a signed paper.
    ForbiddenError
        The account serves no counter, or the request was asked for at the counter of another office.
    OwnCaseError
        The request is of the clerk's own person, household or phone.
    """
    with core.sessions.begin() as session:
        owner = _owner(session, officer_id, reference)
        withdraw_in(session, core, owner, reference)
        _record(session, core, officer_id, "counter.consent_withdrawn", reference)


def status(core: Core, *, reference: str, national_number: str, origin: Origin) -> RequestView:
    """Show where a request of a person without a phone stands, to anyone with its reference and the national number.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    TooManyAttemptsError
        Too many were tried for this reference, network or device.
    NotFoundError
        There is no such request of this person that was asked for at a counter, or by a helper with a signed paper.
    """
    errors: list[FieldError] = []
    number = ""
    with noted(errors):
        reference = read_reference(reference)
    with noted(errors):
        number = read_national_number(core, national_number)
    fields.raise_all(errors)
    charge(core, "signin", origin.subjects(account=reference, visitor=origin.visitor(reference)))
    with core.sessions() as session:
        owner = session.scalar(
            select(Request.account_id)
            .join(RequestMember, RequestMember.request_id == Request.id)
            .join(Person, Person.id == RequestMember.person_id)
            .where(
                Request.reference == reference,
                exists().where(CounterRequest.request_id == Request.id)
                | exists().where(Consent.request_id == Request.id, Consent.paper_reference.is_not(None)),
                Person.national_number_hash == seal_national_number(core.vault, number).hash,
            )
        )
    if owner is None:
        raise NotFoundError
    return request_view(core, owner, reference)


def _office(session: Session, officer_id: UUID) -> Office:
    officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
    if officer.office_id is None:
        raise NotFoundError
    return session.get_one(Office, officer.office_id)


def _owner(session: Session, officer_id: UUID, reference: str) -> UUID:
    found = session.execute(
        select(Request.id, Request.account_id, CounterRequest.office_id, Consent.paper_reference)
        .outerjoin(CounterRequest, CounterRequest.request_id == Request.id)
        .outerjoin(Consent, Consent.request_id == Request.id)
        .where(
            Request.reference == reference,
            CounterRequest.request_id.is_not(None) | Consent.paper_reference.is_not(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError
    if found.paper_reference is not None:
        require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
    else:
        require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=found.office_id)
    refuse_own_request(session, officer_id, found.id)
    owner: UUID = found.account_id
    return owner


def _record(session: Session, core: Core, officer_id: UUID, action: str, reference: str) -> None:
    audit.record(session, core, session.get_one(Account, officer_id), action, reference)
