"""Pass the check of a challenged request: which ways there are, and the way by the device's computation.

Which solutions were used, and how many wrong ones an account sent lately: kept in Redis until they no longer matter.

Where Redis does not answer nothing is believed: no solution is accepted then, and the code from the phone remains.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.register import open_phone
from booking.country.core.security import Origin
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import ChallengeLimits
from booking.people.accounts.codes import Purpose, charge_code, issue_code
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.models import Account, PhoneCode, Request, Verdict
from booking.platform.models.base import Json
from booking.scheduling.requests.review import pass_challenge
from booking.scheduling.requests.rows import locked_request, require_challenged
from fraud.challenges.proof_of_work import ProofResult, Risk, check_solution, make_challenge, tries_for


class WrongProofError(MawidError):
    """The device's computation is not a solution of ours: mistaken, altered, or made for something else."""

    code = "wrong_proof"


class ProofExpiredError(MawidError):
    """The computation was asked for too long ago."""

    code = "proof_expired"


class ProofSpentError(MawidError):
    """The solution was used before; each counts once."""

    code = "proof_spent"


class ProofNotEnoughError(MawidError):
    """Only the code from the phone passes this request."""

    code = "proof_not_enough"


class ProofUnavailableError(MawidError):
    """Whether a solution was used before cannot be known now, so none is accepted; the code still is."""

    code = "proof_unavailable"


REMEMBER_FAILURES: Final = timedelta(hours=1)
_SPENT: Final = "{mawid}:proof:spent:"
_FAILED: Final = "{mawid}:proof:failed:"


def spend(core: Core, mark: str, *, lifetime: timedelta) -> bool:
    """Use a solution up; of any number at once, exactly one gets True. Raises ProofUnavailableError.

    ``lifetime`` is how long the solution would still be right.
    """
    seconds = max(1, -(-lifetime // timedelta(seconds=1))) + 60  # the servers' clocks may differ a little
    try:
        return bool(core.redis.set(_SPENT + mark, b"1", nx=True, ex=seconds))
    except (redis.RedisError, OSError):
        raise ProofUnavailableError from None


def count_failure(core: Core, account_id: UUID) -> None:
    """Remember a wrong solution of the account for an hour. Raises ProofUnavailableError."""
    name = _failed(core, account_id)
    try:
        with core.redis.pipeline() as both:
            both.incr(name)
            both.expire(name, REMEMBER_FAILURES)
            both.execute()
    except (redis.RedisError, OSError):
        raise ProofUnavailableError from None


def failures(core: Core, account_id: UUID) -> int:
    """Count the account's wrong solutions of the last hour. Raises ProofUnavailableError."""
    try:
        return int(cast("bytes | None", core.redis.get(_failed(core, account_id))) or 0)
    except (redis.RedisError, OSError):
        raise ProofUnavailableError from None


def _failed(core: Core, account_id: UUID) -> str:
    return _FAILED + core.vault.lookup_hash(str(account_id), "proof failures").hex()


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


def send_challenge(core: Core, *, account_id: UUID, reference: str, origin: Origin) -> None:
    """Send a code for a challenged request; an earlier one stops working.

    Raises
    ------
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all. Nothing was sent, and an
        earlier code still works.
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for a code.
    """
    with core.sessions.begin() as session:
        send_challenge_in(session, core, account_id=account_id, reference=reference, origin=origin)


def send_challenge_in(session: Session, core: Core, *, account_id: UUID, reference: str, origin: Origin) -> None:
    """Do what `send_challenge` does in the caller's transaction.

    Raises
    ------
    TooManyCodesError
        Too many codes for this account, phone or its range, device or network, or in all.
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for a code.
    """
    request = locked_request(session, reference, account_id=account_id)
    require_challenged(session, request)
    account = session.get_one(Account, account_id)
    phone, confirmed = open_phone(core.vault, account), account.phone_confirmed_at is not None
    charge_code(core, origin=origin, phone=phone, account=str(account_id), confirmed=confirmed)
    issue_code(session, core, account_id=account_id, purpose=Purpose.CHALLENGE, subject=reference)
