"""Attempts that come together get the answers that they would get one by one."""

from dataclasses import asdict

from sqlalchemy import func, select, update

from booking.base.errors import AlreadyLiveError, IdempotencyConflictError, InvalidInputError
from booking.core.idempotency import fingerprint_of
from booking.models import Account, Request, RequestMember, Verdict
from booking.requests.ask import Attempt, ask_all
from booking.requests.asking.form_rows import Asking
from tests.country import a_member, a_wish, an_account, an_origin, eligible_number


def an_attempt(core, account, wish, key=None):
    return Attempt(Asking(core, account, wish, an_origin()), key, fingerprint_of(asdict(wish)))


def stored(core, model=Request):
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_each_of_a_batch_gets_its_own_answer_and_nobody_is_stopped_by_another(country):
    good, other = an_account(country), an_account(country)
    one, two = a_member(country, good), a_member(country, other)
    third = a_member(country, other, number=eligible_number(country))

    answers = ask_all(
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
    assert (stored(country), stored(country, Verdict), stored(country, RequestMember)) == (3, 3, 3)


def test_twins_in_one_batch_are_one_request(country):
    account = an_account(country)
    wish = a_wish((a_member(country, account),))

    first, twin, otherwise = ask_all(
        [
            an_attempt(country, account, wish, "key"),
            an_attempt(country, account, wish, "key"),
            an_attempt(country, account, a_wish(wish.people, accessible=True), "key"),
        ]
    )

    assert (twin.reference, twin.replayed, first.replayed) == (first.reference, True, False)
    assert isinstance(otherwise, IdempotencyConflictError)
    assert stored(country) == 1


def test_one_that_the_database_refuses_fails_none_of_the_others(country):
    attempts = []
    for _ in range(5):
        account = an_account(country)
        attempts.append(an_attempt(country, account, a_wish((a_member(country, account),))))
    closed = update(Account).where(Account.id == attempts[2].asking.account_id)
    with country.sessions.begin() as session:  # a trigger refuses what begins there; nothing before it does
        session.execute(closed.values(closed_at=country.clock.now(), closed_by_owner=True))

    answers = ask_all(attempts)

    assert [type(one).__name__ for one in answers] == ["Asked", "Asked", "AccountLeftError", "Asked", "Asked"]
    assert stored(country) == 4
