"""A helper types the serial of the card that the person beside them shows."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.desk.helpers.errors import ConsentMissingError
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.identity.prove import prove_by_serial
from booking.platform.models import HouseholdMember
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.identity import ProofKind


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
