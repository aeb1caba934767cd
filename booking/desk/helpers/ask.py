"""Give the consent by its code, and ask in the person's name, once."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.security import Origin
from booking.desk.helpers.clients import SHOWN_OF_NAME, take_paper, take_use
from booking.desk.helpers.errors import ClientNotProvenError, ConsentMissingError, ConsentUsedError, PaperMissingError
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.accounts.codes import Purpose, spend_code
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import WrongCodeError
from booking.platform.models import Account, Consent, HouseholdMember
from booking.platform.models.accounts.helper import ConsentState
from booking.scheduling.requests.ask import STATE_AFTER
from booking.scheduling.requests.judge_wish import judge_wish
from booking.scheduling.requests.keep import Asked, keep_request, one_live_request
from booking.scheduling.requests.new_rows import new_request
from booking.scheduling.requests.review import accounts_with_phone, wait_for_paper
from booking.scheduling.requests.wish import Wish

USE_WITHIN: Final = timedelta(hours=24)
"""How long a consent that was given can be used for a request."""
SEEN_FOR: Final = timedelta(days=90)
"""How long the helper sees what became of the request."""


def give_consent(core: Core, *, by: UUID, consent_id: UUID, code: str) -> None:
    """Give the consent with the code that the person got and read out; nothing happens when it is given already.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, another consent's, too old, or was tried too often. The try is counted.
    ConsentMissingError
        The person withdrew the consent, it was asked for too long ago, or it is given by a paper.
    HelperSuspendedError
        The helper is suspended.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions.begin() as session:
        helper = active_helper(session, by)
        consent = consent_of(session, helper, consent_id, locked=True)
        now = core.clock.now()
        if consent.is_over(now) or consent.paper_reference is not None:
            raise ConsentMissingError
        if consent.state is not ConsentState.ASKED:
            return
        right = spend_code(
            session,
            core,
            account_id=consent.account_id,
            purpose=Purpose.HELPER_CONSENT,
            subject=str(consent.id),
            code=code,
        )
        if right:
            consent.move_to(ConsentState.GIVEN)
            consent.given_at, consent.ends_at = now, now + USE_WITHIN
            account = session.get_one(Account, consent.account_id)
            account.phone_confirmed_at = account.phone_confirmed_at or now
    if not right:
        raise WrongCodeError


def ask_for(core: Core, *, by: UUID, consent_id: UUID, wish: Wish, origin: Origin) -> Asked:
    """Ask in the name of a person who consented. The request is theirs, and the receipt and all notices go to them.

    On a consent by paper the request waits for an officer who looks at the paper, whatever else the gate says.

    Parameters
    ----------
    wish
        Its people are ignored: the request, for one service or several, is for the one person who consented.

    Raises
    ------
    ConsentMissingError
        The person has not consented, withdrew the consent or is not in the account any more, or the consent is too old.
    PaperMissingError
        The photo of the signed paper is not there yet.
    ConsentUsedError
        The consent was used for a request already.
    HelperSuspendedError
        The helper is suspended.
    HelperCapReachedError
        The helper sent as many requests today or this month as it may.
    PaperCapReachedError
        The helper sent as many requests on paper today as policy allows.
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    ClientNotProvenError
        The person has to be proven first, by the service's file.
    PrerequisiteMissingError
        The person lacks what must be there when asking.
    TooManyAttemptsError
        A limit on requests is reached, for the helper, the person, their phone or the network.
    AlreadyLiveError
        The person has a live request or appointment for this kind of service.
    PolicyMissingError
        No quota policy or no rule set is active.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    origin = replace(origin, helper=by)
    with core.sessions() as session:
        helper = active_helper(session, by)
        consent = consent_of(session, helper, consent_id)
        _check(consent, core)
        member = session.scalar(
            select(HouseholdMember.id).where(
                HouseholdMember.account_id == consent.account_id, HouseholdMember.person_id == consent.person_id
            )
        )
        if member is None:
            raise ConsentMissingError
        wish = wish.for_one(member)
        try:
            checked, screened = judge_wish(
                session, core, action="ask", account_id=consent.account_id, wish=wish, origin=origin
            )
        except IdentityLevelError:
            raise ClientNotProvenError from None
    if consent.paper_reference is not None:
        screened = wait_for_paper(screened)
    request = new_request(core, checked, wish, origin)
    request.helper_id = helper.id
    request.move_to(STATE_AFTER[screened.verdict.decision])
    with one_live_request(), core.sessions.begin() as session:
        helper = active_helper(session, by)
        consent = consent_of(session, helper, consent_id, locked=True)
        _check(consent, core)
        take_use(session, core, helper)
        if consent.paper_reference is not None:
            take_paper(session, core, helper)
        asked = keep_request(session, core, request, screened)
        now = core.clock.now()
        consent.move_to(ConsentState.USED)
        consent.request_id, consent.used_at, consent.ends_at = request.id, now, now + SEEN_FOR
        owner, name = consent.account_id, helper.organisation[:SHOWN_OF_NAME]
        tell(session, core, owner, "helped_request", reference=asked.reference, organisation=name)
        tell(session, core, owner, "helped_receipt", reference=asked.reference, receipt=asked.receipt)
        if consent.paper_reference is not None:
            for other in accounts_with_phone(session, consent.person_id):
                tell(session, core, other, "helped_on_paper", organisation=name, reference=asked.reference)
        account = session.get_one(Account, by)
        details = {"helper": str(helper.id), "consent": str(consent.id), "paper": consent.paper_reference or ""}
        audit.record(session, core, account, "helper.asked", asked.reference, **details)
        return asked


def _check(consent: Consent, core: Core) -> None:
    if consent.state is ConsentState.USED:
        raise ConsentUsedError
    over = consent.is_over(core.clock.now())
    if consent.paper_reference is not None and consent.state is ConsentState.ASKED and not over:
        raise PaperMissingError
    if consent.state is not ConsentState.GIVEN or over:
        raise ConsentMissingError
