"""Pass the check of a challenged request: which ways there are, and the way by the device's computation."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.policy import limits as policy_limits
from booking.country.policy.challenge_limits import ChallengeLimits
from booking.people.accounts.codes import Purpose
from booking.platform.base.errors import NotFoundError
from booking.platform.models import PhoneCode, Request, Verdict
from booking.platform.models.base import Json
from booking.scheduling.requests.proof_errors import (
    ProofExpiredError,
    ProofNotEnoughError,
    ProofSpentError,
    ProofUnavailableError,
    WrongProofError,
)
from booking.scheduling.requests.review import pass_challenge
from booking.scheduling.requests.rows import locked_request, require_challenged
from booking.scheduling.requests.spent_proofs import count_failure, failures, spend
from fraud.challenges.proof_of_work import ProofResult, Risk, check_solution, make_challenge, tries_for

COMPUTED: Final[Json] = {
    "code": "challenge_computed",
    "ar": "أجرى جهازك العملية الحسابية المطلوبة للتحقق",
    "en": "Your device did the computation for the check",
}
_KEY: Final = "proof of work"


@dataclass(frozen=True, slots=True)
class Ways:
    """How a challenged request can be passed now.

    ``proof`` is a fresh challenge for the device, None where only the code from the phone counts or solutions cannot
    be accepted now; ``code_sent`` says that a code is on its way and can still be typed.
    """

    proof: Json | None
    code_sent: bool


@dataclass(frozen=True, slots=True)
class _Challenged:
    """What decides how a request is passed."""

    score: float
    degraded: bool
    by_officer: bool
    limits: ChallengeLimits
    code_sent: bool

    @property
    def computing_is_enough(self) -> bool:
        return not self.by_officer and self.score < self.limits.code_from


def ways_to_pass(core: Core, *, account_id: UUID, session_token: str, reference: str) -> Ways:
    """Return the ways to pass a challenged request, with a challenge for this session's device.

    Raises
    ------
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for an answer.
    """
    with core.sessions() as session:
        challenged = _challenged(session, core, account_id, reference)
    if not challenged.computing_is_enough:
        return Ways(None, challenged.code_sent)
    try:
        wrong = failures(core, account_id)
    except ProofUnavailableError:
        return Ways(None, challenged.code_sent)
    limits = challenged.limits
    tries = tries_for(
        Risk(challenged.score, challenged.degraded, wrong), base=limits.proof_tries, most=limits.proof_most_tries
    )
    proof = make_challenge(
        key=core.vault.key(_KEY),
        subject=_bound_to(account_id, session_token, reference),
        tries=tries,
        now=core.clock.now(),
    )
    return Ways(proof, challenged.code_sent)


def answer_with_proof(
    core: Core, *, account_id: UUID, session_token: str, reference: str, solution: str, origin: Origin
) -> None:
    """Answer a challenge with what the device computed; the request is then accepted.

    Raises
    ------
    WrongProofError
        The solution is mistaken, altered, or made for something else; the next computation takes longer.
    ProofExpiredError
        The computation was asked for too long ago.
    ProofSpentError
        The solution was used before; the next computation takes longer.
    ProofNotEnoughError
        Only the code counts for this request.
    ProofUnavailableError
        Whether a solution was used before cannot be known now: only the code counts meanwhile.
    TooManyAttemptsError
        Too many solutions came from this account, device or network.
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for an answer.
    """
    with core.sessions() as session:
        challenged = _challenged(session, core, account_id, reference)
    if not challenged.computing_is_enough:
        raise ProofNotEnoughError
    charge(core, "proof", origin.subjects(account=str(account_id)))
    _use(core, account_id, solution, subject=_bound_to(account_id, session_token, reference))
    with core.sessions.begin() as session:
        request = locked_request(session, reference, account_id=account_id)
        if not _challenged(session, core, account_id, reference).computing_is_enough:  # an officer asked meanwhile
            raise ProofNotEnoughError
        pass_challenge(session, core, request, how=COMPUTED)


def _use(core: Core, account_id: UUID, solution: str, *, subject: str) -> None:
    """Check a solution and use it up."""
    now = core.clock.now()
    checked = check_solution(solution, key=core.vault.key(_KEY), subject=subject, now=now)
    if checked.result is ProofResult.EXPIRED:
        raise ProofExpiredError
    if checked.result is not ProofResult.RIGHT or checked.expires_at is None:
        count_failure(core, account_id)
        raise WrongProofError
    if not spend(core, checked.mark, lifetime=checked.expires_at - now):
        count_failure(core, account_id)
        raise ProofSpentError


def _challenged(session: Session, core: Core, account_id: UUID, reference: str) -> _Challenged:
    request = session.scalar(select(Request).where(Request.reference == reference, Request.account_id == account_id))
    if request is None:
        raise NotFoundError
    require_challenged(session, request)
    verdict = session.execute(
        select(Verdict.score, Verdict.degraded, Verdict.officer_id)
        .where(Verdict.request_id == request.id)
        .order_by(Verdict.decided_at.desc())
        .limit(1)
    ).one()
    code = session.scalar(
        select(PhoneCode.id)
        .where(
            PhoneCode.account_id == account_id,
            PhoneCode.purpose == Purpose.CHALLENGE.value,
            PhoneCode.subject == reference,
            PhoneCode.used_at.is_(None),
            PhoneCode.expires_at > core.clock.now(),
        )
        .limit(1)
    )
    limits = policy_limits.pick(ChallengeLimits, core.gate_policies.active(session).limits)
    by_officer = verdict.officer_id is not None
    return _Challenged(verdict.score or 0.0, verdict.degraded, by_officer, limits, code is not None)


def _bound_to(account_id: UUID, session_token: str, reference: str) -> str:
    return f"request:{reference}:{account_id}:{session_token}"
