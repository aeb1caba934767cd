"""What a signed paper does to a verdict: the request waits for an officer, who accepts the paper or does not."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.antifraud.gate.signed_paper import PAPER_NOT_ACCEPTED, on_paper
from booking.platform.models import Account, Consent, HouseholdMember, Request, Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.requests.asking.screen import Screened


def wait_for_paper(screened: Screened) -> Screened:
    """Have a request on paper wait for an officer, unless the gate refuses it anyway."""
    return replace(screened, verdict=on_paper(screened.verdict))


def is_on_paper(session: Session, request_id: UUID) -> bool:
    """Return whether a request was asked for with a signed paper."""
    found = select(Consent.id).where(Consent.request_id == request_id, Consent.paper_reference.is_not(None))
    return session.scalar(found) is not None


def paper_was_refused(session: Session, request: Request) -> bool:
    """Return whether a request stands refused because its paper was not accepted."""
    if request.state is not RequestState.REFUSED:
        return False
    last = session.scalar(
        select(Verdict.reasons).where(Verdict.request_id == request.id).order_by(Verdict.decided_at.desc()).limit(1)
    )
    return any(reason["code"] == PAPER_NOT_ACCEPTED.code for reason in last or ())


def accounts_with_phone(session: Session, person_id: UUID) -> list[UUID]:
    """List the accounts with a confirmed phone that a person holds: they are told when somebody signs for them."""
    return list(
        session.scalars(
            select(Account.id)
            .join(HouseholdMember, HouseholdMember.account_id == Account.id)
            .where(
                HouseholdMember.person_id == person_id,
                HouseholdMember.relation == "self",
                Account.phone_hash != b"",
                Account.phone_confirmed_at.is_not(None),
                Account.closed_at.is_(None),
            )
            .order_by(Account.id)
        )
    )
