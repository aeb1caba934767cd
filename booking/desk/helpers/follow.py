"""What a helper does for a person after asking, as long as the consent lasts: a check, the confirmation."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.desk.helpers.errors import ConsentMissingError
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.identity.prove import prove_by_serial
from booking.platform.base.errors import NotFoundError, WrongCodeError
from booking.platform.models import Appointment, HouseholdMember, Request
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.identity import ProofKind
from booking.scheduling.appointments import respond
from booking.scheduling.requests.prove import send_challenge_in
from booking.scheduling.requests.review import answer_challenge_in


def send_check(core: Core, *, by: UUID, consent_id: UUID, origin: Origin) -> None:
    """Send the code of a challenged request to the person.

    Raises
    ------
    ConsentMissingError
        The consent is over, or was not used yet.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    TooManyCodesError
        Too many codes for this account, phone or its range, network, or in all; an earlier code still works.
    IllegalMoveError
        The request does not wait for a code.
    """
    with core.sessions.begin() as session:
        asked, network = _request(session, core, by, consent_id), Origin(origin.network, "")
        send_challenge_in(session, core, account_id=asked.account_id, reference=asked.reference, origin=network)


def answer_check(core: Core, *, by: UUID, consent_id: UUID, code: str) -> None:
    """Answer the check with the code that the person got.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often. The try is counted.
    ConsentMissingError
        The consent is over, or was not used yet.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    IllegalMoveError
        The request does not wait for a code.
    """
    with core.sessions.begin() as session:
        asked = _request(session, core, by, consent_id)
        right = answer_challenge_in(session, core, account_id=asked.account_id, reference=asked.reference, code=code)
    if not right:
        raise WrongCodeError


def confirm(core: Core, *, by: UUID, consent_id: UUID) -> None:
    """Confirm the offered appointment for the person.

    Raises
    ------
    OfferLapsedError
        The time to confirm is over.
    PrerequisiteMissingError
        The person lacks what must be there on the day; the offer stands until its time is over.
    IllegalMoveError
        The appointment is not on offer any more.
    ConsentMissingError
        The consent is over, or was not used yet.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The request has no appointment, the helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions.begin() as session:
        asked = _request(session, core, by, consent_id)
        appointment = _appointment(session, asked.id)
        if appointment is None:
            raise NotFoundError
        respond.confirm_and_tell_in(session, core, account_id=asked.account_id, reference=appointment)


def _request(session: Session, core: Core, by: UUID, consent_id: UUID) -> Row[UUID, UUID, str]:
    """Return id, owner and reference of the consent's request; nobody withdraws it until the transaction ends."""
    consent = consent_of(session, active_helper(session, by), consent_id, locked=True)
    if consent.state is not ConsentState.USED or consent.is_over(core.clock.now()):
        raise ConsentMissingError
    wanted = select(Request.id, Request.account_id, Request.reference).where(Request.id == consent.request_id)
    return session.execute(wanted).one()


def _appointment(session: Session, request_id: UUID) -> str | None:
    return session.scalar(
        select(Appointment.reference)
        .where(Appointment.request_id == request_id)
        .order_by(Appointment.created_at.desc())
        .limit(1)
    )


def prove_client(core: Core, *, by: UUID, consent_id: UUID, serial: str, origin: Origin) -> None:
    """Take the serial of the person's identity card as the proof that their account may act for them.

    The proof is the person's: it is in their account, they are told, and it stays when the consent is over.

    Raises
    ------
    ConsentMissingError
        The person has not consented, or the consent is over or used.
    ProofRefusedError
        The register does not know the person with these words, or not with this card.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    TooManyAttemptsError
        Too many tries by the helper, about this person, or from this device or network.
    booking.country.core.register.RegisterAwayError
        The register does not answer; the try was counted, all else is as before.
    """
    with core.sessions() as session:
        consent = consent_of(session, active_helper(session, by), consent_id)
        if consent.state is not ConsentState.GIVEN or consent.is_over(core.clock.now()):
            raise ConsentMissingError
        account_id = consent.account_id
        member = session.scalar(
            select(HouseholdMember.id).where(
                HouseholdMember.account_id == account_id, HouseholdMember.person_id == consent.person_id
            )
        )
    if member is None:
        raise ConsentMissingError
    helped = replace(origin, helper=by)
    prove_by_serial(core, account_id=account_id, member_id=member, kind=ProofKind.CARD, serial=serial, origin=helped)
