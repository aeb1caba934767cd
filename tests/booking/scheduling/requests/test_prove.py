"""A challenged request is passed by the device's computation, or by the code where that is not enough."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
import redis
from sqlalchemy import func, select, update

from booking.antifraud.gate.versions import publish_limits
from booking.country.policy.limits import ChallengeLimits, LimitsError
from booking.platform.base.errors import IllegalMoveError, MawidError, NotFoundError, TooManyAttemptsError
from booking.platform.models import Message, Request, Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.requests.prove import (
    ProofExpiredError,
    ProofNotEnoughError,
    ProofSpentError,
    ProofUnavailableError,
    WrongProofError,
    answer_with_proof,
    send_challenge,
    spend,
    ways_to_pass,
)
from booking.scheduling.requests.review import answer_challenge
from booking.scheduling.requests.rows import locked_request
from booking.scheduling.requests.views import request_view
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_request, an_account, an_origin, last_secret, put_rules_in_force
from tests.support.meanwhile import refused_after
from tests.support.proofs import packed, solution_of
from tests.support.waiting import PATIENCE

SESSION = "a session's token"
EVERYONE = """
[[rule]]
name = "everyone"
when = "party_size >= 1"
then = "challenge"
say.ar = "نتحقق من الجميع اليوم"
say.en = "Everyone is checked today"
"""


class Asker:
    """Someone with a challenged request, at a device."""

    def __init__(self, core):
        self.core = core
        self.account, asked = a_request(core)
        self.reference = asked.reference
        self.origin = an_origin()

    def ways(self, session=SESSION):
        return ways_to_pass(self.core, account_id=self.account, session_token=session, reference=self.reference)

    def solution(self, session=SESSION):
        return solution_of(self.ways(session).proof)

    def answer(self, solution, session=SESSION, core=None):
        answer_with_proof(
            core or self.core,
            account_id=self.account,
            session_token=session,
            reference=self.reference,
            solution=solution,
            origin=self.origin,
        )

    def tries(self):
        return self.ways().proof["parameters"]["data"]["tries"]

    @property
    def state(self):
        return request_view(self.core, self.account, self.reference).state

    def judged(self, **verdict):
        """Let the gate have judged otherwise."""
        with self.core.sessions.begin() as session:
            request = select(Request.id).where(Request.reference == self.reference).scalar_subquery()
            session.execute(update(Verdict).where(Verdict.request_id == request).values(**verdict))


@pytest.fixture
def asker(country):
    put_rules_in_force(country, source=EVERYONE)
    publish_limits(country, changes={"proof_tries": 3, "proof_most_tries": 50})
    asker = Asker(country)
    asker.judged(score=0.0)
    return asker


def test_a_computation_passes_the_check_and_the_verdict_shows_it(asker):
    asker.answer(asker.solution())

    view = request_view(asker.core, asker.account, asker.reference)
    assert view.state is RequestState.ACCEPTED
    assert [reason["code"] for reason in view.reasons] == ["challenge_computed"]


def test_an_officers_demand_for_a_code_overrides_a_pending_solution(asker):
    solution = asker.solution()

    def ask_for_the_code(officer):
        request = locked_request(officer, asker.reference, account_id=asker.account)
        officer.execute(update(Verdict).where(Verdict.request_id == request.id).values(officer_id=asker.account))

    refused = refused_after(asker.core, ask_for_the_code, lambda: asker.answer(solution))

    assert isinstance(refused, ProofNotEnoughError)
    assert asker.state is RequestState.CHALLENGED


def test_no_message_carries_a_code_until_one_is_asked_for(asker):
    with asker.core.sessions() as session:
        kinds = session.scalars(select(Message.kind).where(Message.account_id == asker.account)).all()
    assert kinds == ["request_challenged"]
    assert asker.ways().code_sent is False

    send_challenge(asker.core, account_id=asker.account, reference=asker.reference, origin=asker.origin)

    assert asker.ways().code_sent is True
    code = last_secret(asker.core, asker.account, "challenge")
    answer_challenge(asker.core, account_id=asker.account, reference=asker.reference, code=code)
    assert asker.state is RequestState.ACCEPTED


def test_an_expired_code_is_not_shown_as_sent(asker, clock):
    send_challenge(asker.core, account_id=asker.account, reference=asker.reference, origin=asker.origin)
    clock.advance(timedelta(minutes=10))

    assert asker.ways().code_sent is False


def test_a_solution_for_another_session_or_request_is_refused(asker):
    other = Asker(asker.core)
    other.judged(score=0.0)
    for foreign in (asker.solution(session="another session"), other.solution()):
        with pytest.raises(WrongProofError):
            asker.answer(foreign)
    assert asker.state is RequestState.CHALLENGED


@pytest.mark.neighbours
@pytest.mark.parametrize("sent", ["", "nonsense", "A" * 2_000, "A" * 60_000, packed(None, None), packed({}, []), "\0"])
def test_a_nonsense_solution_changes_nothing(asker, sent):
    with pytest.raises(WrongProofError):
        asker.answer(sent)
    assert asker.state is RequestState.CHALLENGED


def test_a_late_solution_changes_nothing_and_is_not_held_against_anyone(asker, clock):
    late = asker.solution()
    clock.advance(timedelta(hours=1))
    with pytest.raises(ProofExpiredError):
        asker.answer(late)
    assert asker.state is RequestState.CHALLENGED
    assert asker.tries() == 3


def test_wrong_solutions_make_the_next_computation_longer(asker):
    for tries in (3, 6, 12):
        assert asker.tries() == tries
        with pytest.raises(WrongProofError):
            asker.answer("nonsense")


def test_a_higher_score_and_an_outage_make_the_computation_longer(asker):
    asker.judged(score=0.5)
    assert asker.tries() == int(3 * 1.5**2)
    asker.judged(score=0.5, degraded=True)
    assert asker.tries() == int(3 * 1.5**2 * 2)


def test_above_the_policys_score_only_the_code_counts(asker):
    solution = asker.solution()
    asker.judged(score=0.75)

    assert asker.ways().proof is None
    with pytest.raises(ProofNotEnoughError):
        asker.answer(solution)
    publish_limits(asker.core, changes={"code_from": 0.8})
    asker.answer(solution)
    assert asker.state is RequestState.ACCEPTED


def test_a_policy_may_always_ask_for_the_code(asker):
    publish_limits(asker.core, changes={"code_from": 0.0})
    assert asker.ways().proof is None


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"proof_tries": 0}, "proof_tries"),
        ({"proof_tries": 100, "proof_most_tries": 99}, "proof_tries is above proof_most_tries"),
        ({"proof_most_tries": 10**9}, "proof_most_tries"),
        ({"code_from": 1.5}, "code_from"),
        ({"code_from": "high"}, "code_from"),
    ],
)
def test_an_impossible_policy_is_refused(asker, changes, words):
    with pytest.raises(LimitsError, match=words):
        publish_limits(asker.core, changes=changes)


def test_the_default_policy_is_valid():
    assert ChallengeLimits().proof_tries <= ChallengeLimits().proof_most_tries


def test_only_one_of_32_simultaneous_answers_is_accepted(asker):
    solution = asker.solution()
    together = Barrier(32, timeout=PATIENCE)

    def answer(_):
        together.wait()
        try:
            asker.answer(solution)
        except MawidError as error:
            return error.code
        return "accepted"

    with ThreadPoolExecutor(32) as threads:
        results = Counter(threads.map(answer, range(32)))

    assert results.pop("accepted") == 1
    assert set(results) <= {"proof_spent", "illegal_move", "too_many_attempts"}
    with asker.core.sessions() as session:
        accepted = select(func.count()).select_from(Verdict).where(Verdict.decision == "accept")
        assert session.scalar(accepted) == 1


def test_a_used_solution_is_never_accepted_again(asker):
    solution = asker.solution()
    asker.answer(solution)
    with asker.core.sessions.begin() as session:
        again = update(Request).where(Request.reference == asker.reference)
        session.execute(again.values(state=RequestState.CHALLENGED))
    asker.judged(score=0.0)
    with pytest.raises(ProofSpentError):
        asker.answer(solution)
    assert asker.state is RequestState.CHALLENGED


def test_spent_solutions_are_remembered_until_they_expire(asker):
    solution = asker.solution()
    asker.answer(solution)
    (name,) = asker.core.redis.scan_iter("*proof:spent*")
    assert asker.core.redis.ttl(name) > 3_600


def test_without_redis_only_the_code_is_accepted(asker):
    solution = asker.solution()
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.1)
    without = replace(asker.core, redis=nowhere)

    with pytest.raises(ProofUnavailableError):
        asker.answer(solution, core=without)
    offered = ways_to_pass(without, account_id=asker.account, session_token=SESSION, reference=asker.reference)
    assert offered.proof is None
    assert asker.state is RequestState.CHALLENGED
    send_challenge(without, account_id=asker.account, reference=asker.reference, origin=asker.origin)
    code = last_secret(without, asker.account, "challenge")
    answer_challenge(without, account_id=asker.account, reference=asker.reference, code=code)
    assert asker.state is RequestState.ACCEPTED


def test_solutions_are_limited_for_an_account(asker):
    for _ in range(10):
        with pytest.raises(WrongProofError):
            asker.answer("nonsense")
    with pytest.raises(TooManyAttemptsError):
        asker.answer(asker.solution())
    assert asker.state is RequestState.CHALLENGED


def test_only_the_owner_of_a_challenged_request_passes_its_check(asker):
    solution = asker.solution()
    owner, asker.account = asker.account, an_account(asker.core)
    for act in (asker.ways, lambda: asker.answer(solution)):
        with pytest.raises(NotFoundError):
            act()
    asker.account = owner
    withdraw(asker.core, account_id=owner, reference=asker.reference)
    for act in (asker.ways, lambda: asker.answer(solution)):
        with pytest.raises(IllegalMoveError):
            act()
    assert asker.state is RequestState.WITHDRAWN


def test_only_one_of_32_simultaneous_spends_succeeds(core):
    together = Barrier(32, timeout=PATIENCE)

    def spend_it(_):
        together.wait()
        return spend(core, "mark", lifetime=timedelta(minutes=1))

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(spend_it, range(32))) == 1
