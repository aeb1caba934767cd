"""Attempts that come together get the answers that they would get one by one."""

import asyncio
from dataclasses import asdict, replace
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from booking.country.core.idempotency import fingerprint_of
from booking.platform.base.errors import AccountLeftError, AlreadyLiveError, IdempotencyConflictError, InvalidInputError
from booking.platform.models import Account, HouseholdMember, Request, RequestMember, Service, Verdict
from booking.scheduling.requests.ask import Alone, Attempt, ask, ask_all, ask_in_loop, finish_all
from booking.scheduling.requests.asking.check_form import Asking
from booking.scheduling.requests.keep import Asked
from tests.booking.scheduling.requests.asking.answers import answered
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number, prove_household
from tests.support.meanwhile import right_after

pytestmark = pytest.mark.neighbours


def an_attempt(core, account, wish, key=None):
    return Attempt(Asking(core, account, wish, an_origin()), key, fingerprint_of(asdict(wish)))


def stored(core, *accounts):
    """How many requests these accounts have."""
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(Request).where(Request.account_id.in_(accounts)))


def counted(core, model):
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(model))


@pytest.mark.alone
def test_each_of_a_batch_gets_its_own_answer_and_nobody_is_stopped_by_another(country):
    good, other = an_account(country), an_account(country)
    one, two = a_member(country, good), a_member(country, other)
    third = a_member(country, other, number=eligible_number(country))

    answers = answered(
        [
            an_attempt(country, good, a_wish((one,))),
            an_attempt(country, good, a_wish((two,))),  # somebody else's household
            an_attempt(country, other, a_wish((two,), service="no-such-service")),
            an_attempt(country, other, a_wish((two,))),
            an_attempt(country, other, a_wish((two,))),  # the same person once more
            an_attempt(country, other, a_wish((third,), offices=())),
            an_attempt(country, other, a_wish((third,))),
        ]
    )

    kept = [answers[place].reference for place in (0, 3, 6)]
    assert len(set(kept)) == 3
    refusals = [type(answers[place]) for place in (1, 2, 4, 5)]
    assert refusals == [InvalidInputError, InvalidInputError, AlreadyLiveError, InvalidInputError]
    assert [counted(country, model) for model in (Request, Verdict, RequestMember)] == [3, 3, 3]


def test_twins_in_one_batch_are_one_request(country):
    account = an_account(country)
    wish = a_wish((a_member(country, account),))

    first, twin, otherwise = answered(
        [
            an_attempt(country, account, wish, "key"),
            an_attempt(country, account, wish, "key"),
            an_attempt(country, account, a_wish(wish.people, accessible=True), "key"),
        ]
    )

    assert (twin.reference, twin.replayed, first.replayed) == (first.reference, True, False)
    assert isinstance(otherwise, IdempotencyConflictError)
    assert stored(country, account) == 1


def test_a_repetition_whose_twin_is_kept_meanwhile_gets_its_answer(country):
    """Its client hung up before the answer; in another process the first one goes on."""
    account = an_account(country)
    attempt = an_attempt(country, account, a_wish((a_member(country, account),)), "key")
    with right_after(country, "FROM idempotency_key", lambda: first.extend(answered([attempt]))):
        first = []
        [again] = answered([attempt])

    assert (again.reference, again.replayed) == (first[0].reference, True)
    assert stored(country, account) == 1


def test_one_that_the_database_refuses_fails_none_of_the_others(country):
    attempts = []
    for _ in range(5):
        account = an_account(country)
        attempts.append(an_attempt(country, account, a_wish((a_member(country, account),))))
    closed = update(Account).where(Account.id == attempts[2].asking.account_id)
    with country.sessions.begin() as session:  # a trigger refuses what begins there; nothing before it does
        session.execute(closed.values(closed_at=country.clock.now(), closed_by_owner=True))

    answers = answered(attempts)

    assert [type(one).__name__ for one in answers] == ["Asked", "Asked", "AccountLeftError", "Asked", "Asked"]
    assert stored(country, *(one.asking.account_id for one in attempts)) == 4


def some_attempts(core, count, **changes):
    accounts = [an_account(core) for _ in range(count)]
    return [an_attempt(core, account, a_wish((a_member(core, account),), **changes)) for account in accounts]


def test_a_damaged_row_and_a_missing_account_stop_nobody_else(country):
    gone, damaged, one, two = some_attempts(country, 4)
    gone = replace(gone, asking=replace(gone.asking, account_id=uuid4()))
    with country.sessions.begin() as session:
        member = session.get_one(HouseholdMember, damaged.asking.wish.people[0])
        member.person.national_number_ciphertext = b"written by hand into the database"

    answers = answered([gone, damaged, one, two])

    assert isinstance(answers[0], AccountLeftError)
    assert isinstance(answers[1], Exception)
    assert all(isinstance(each, Asked) for each in answers[2:])


def test_nobody_waits_in_a_batch_for_what_another_one_may_wait_for(country):
    [plain, linked] = [*some_attempts(country, 1), *some_attempts(country, 1, together=True)]
    keyed = replace(plain, key="key")

    kept, later, same_person, twin = ask_all([keyed, linked, plain, keyed])

    assert isinstance(kept, Asked)
    assert {type(one) for one in (later, same_person, twin)} == {Alone}
    assert stored(country, plain.asking.account_id, linked.asking.account_id) == 1
    answers = finish_all([later, same_person, twin])
    assert isinstance(answers[0], Asked)
    assert isinstance(answers[1], AlreadyLiveError)
    assert (answers[2].reference, answers[2].replayed) == (kept.reference, True)


@pytest.mark.alone
def test_who_is_proven_while_asking_has_a_request_that_counts(country):
    with country.sessions.begin() as session:
        for service in session.scalars(select(Service)):
            service.spec = {**service.spec, "identity": {"ask": "claimed"}}
    account = an_account(country)
    asking = an_attempt(country, account, a_wish((a_member(country, account, proven=False),), together=True))
    [judged] = ask_all([asking])
    assert isinstance(judged, Alone)

    prove_household(country, account)
    finish_all([judged])

    with country.sessions() as session:
        assert session.scalars(select(RequestMember.proven)).all() == [True]


@pytest.mark.alone
def test_people_of_all_requests_are_written_in_one_order(country):
    """Two transactions that write the same people in two orders wait for each other for ever."""
    answered(some_attempts(country, 6))

    with country.sessions() as session:
        written = session.scalars(select(RequestMember.person_id).order_by(text("ctid"))).all()
    assert list(written) == sorted(written)


def test_a_caller_who_leaves_in_the_middle_finds_one_request_under_the_same_key(country):
    account, other = an_account(country), an_account(country)
    wish, others = a_wish((a_member(country, account),)), a_wish((a_member(country, other),))

    def asked(who, what):
        return {"account_id": who, "wish": what, "origin": an_origin(), "idempotency_key": "key"}

    async def leave():
        leaving = asyncio.create_task(ask_in_loop(country, **asked(account, wish)))
        staying = asyncio.create_task(ask_in_loop(country, **asked(other, others)))
        await asyncio.sleep(0)  # both are handed in
        leaving.cancel()
        return await asyncio.gather(leaving, staying, return_exceptions=True)

    left, stayed = asyncio.run(leave())
    again = ask(country, **asked(account, wish))

    assert isinstance(left, asyncio.CancelledError)
    assert isinstance(stayed, Asked)
    assert again.replayed, "it was handed in, so it was kept"
    assert stored(country, account, other) == 2
