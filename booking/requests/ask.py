"""Ask for an appointment: form, limits, gate, then one transaction that keeps the request and its verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.base.errors import AlreadyLiveError, FieldError, InvalidInputError
from booking.core.core import Core
from booking.core.idempotency import claim_key, find_replay, fingerprint_of
from booking.core.messages import tell
from booking.core.origin import Origin
from booking.models import (
    HouseholdMember,
    Request,
    Verdict,
)
from booking.models.base import Json
from booking.models.states import WAITING_FOR_DRAW, RequestState
from booking.requests.judge_again import judge_later
from booking.requests.judge_wish import judge_wish
from booking.requests.new_rows import new_request, verdict_row
from booking.requests.screen import Screened
from booking.requests.wish import Wish
from fraud.gate import Decision
from fraud.reasons import for_the_person

STATE_AFTER: Final = {
    Decision.ACCEPT: RequestState.ACCEPTED,
    Decision.CHALLENGE: RequestState.CHALLENGED,
    Decision.REVIEW: RequestState.UNDER_REVIEW,
    Decision.REFUSE: RequestState.REFUSED,
}
LIVE_INDEX: Final = "uq_request_member_live"


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a request: what was decided, why in the person's words, and the receipt (hex) of what was asked."""

    reference: str
    state: RequestState
    decision: str
    reasons: list[Json]
    receipt: str
    replayed: bool


def ask(core: Core, *, account_id: UUID, wish: Wish, origin: Origin, idempotency_key: str | None = None) -> Asked:
    """Ask for an appointment by draw.

    Parameters
    ----------
    idempotency_key
        The same key with the same wish gives the first answer again, and asks nothing new.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    booking.identity.errors.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    booking.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on requests is reached, for the account, the first person, the phone, device or network.
    AlreadyLiveError
        One of the people has a live request or appointment for this kind of service.
    IdempotencyConflictError
        The key came before, with another wish.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    fingerprint = fingerprint_of(asdict(wish))
    with core.sessions() as session:
        replay = find_replay(session, account_id, idempotency_key, fingerprint)
        if replay is not None:
            return answer(session, replay, replayed=True)
        checked, screened = judge_wish(session, core, action="ask", account_id=account_id, wish=wish, origin=origin)
    request = new_request(core, checked, wish, origin)
    request.move_to(STATE_AFTER[screened.verdict.decision])
    return _keep(core, request, screened, idempotency_key=idempotency_key, fingerprint=fingerprint)


def answer(session: Session, reference: str, *, replayed: bool) -> Asked:
    """Read the answer to a request back from what was stored."""
    request = session.scalars(select(Request).where(Request.reference == reference)).one()
    verdict = session.scalars(
        select(Verdict).where(Verdict.request_id == request.id).order_by(Verdict.decided_at).limit(1)
    ).one()
    return Asked(
        reference,
        request.state,
        verdict.decision,
        for_the_person(verdict.reasons),
        request.receipt.hex(),
        replayed=replayed,
    )


def _keep(
    core: Core, request: Request, screened: Screened, *, idempotency_key: str | None, fingerprint: bytes
) -> Asked:
    account_id, reference = request.account_id, request.reference
    with one_live_request(), core.sessions.begin() as session:
        twin = claim_key(
            session,
            account_id=account_id,
            key=idempotency_key,
            fingerprint=fingerprint,
            result=reference,
            now=core.clock.now(),
        )
        if twin is not None:
            return answer(session, twin, replayed=True)
        return keep_request(session, core, request, screened)


def keep_request(session: Session, core: Core, request: Request, screened: Screened) -> Asked:
    """Write a request with its verdict and notice, in the caller's transaction."""
    keep_members(session, request)
    if request.together:
        link_others(session, request.account_id)
    session.add(verdict_row(core, request, screened))
    judge_later(session, request, screened)
    tell(session, core, request.account_id, f"request_{request.state.value}", reference=request.reference)
    return Asked(
        request.reference,
        request.state,
        screened.verdict.decision.value,
        for_the_person(reason.as_dict() for reason in screened.verdict.reasons),
        request.receipt.hex(),
        replayed=False,
    )


def link_others(session: Session, account_id: UUID) -> None:
    """Let the account's waiting requests come together too; locked in the order in which draws lock them."""
    waiting = session.scalars(
        select(Request)
        .where(Request.account_id == account_id, Request.state.in_(WAITING_FOR_DRAW))
        .order_by(Request.id)
        .with_for_update(of=Request)
    )
    for one in waiting:
        one.together = True


def keep_members(session: Session, request: Request) -> None:
    """Hold the household rows until commit, so that nobody is dropped from the household in between."""
    people = [member.person_id for member in request.members]
    kept = session.scalars(
        select(HouseholdMember.id)
        .where(HouseholdMember.account_id == request.account_id, HouseholdMember.person_id.in_(people))
        .with_for_update(read=True)
    ).all()
    if len(kept) != len(people):
        raise InvalidInputError([FieldError("people", "unknown_person")])


@contextmanager
def one_live_request() -> Iterator[None]:
    """Turn the database's refusal of a second live request into AlreadyLiveError."""
    try:
        yield
    except IntegrityError as error:
        if LIVE_INDEX in str(error.orig):
            raise AlreadyLiveError from error
        raise
