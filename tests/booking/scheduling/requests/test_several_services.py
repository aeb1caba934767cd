"""One request for several services on one visit: who comes for what, how long it takes, and what excludes what."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from booking.platform.base.errors import AlreadyLiveError, InvalidInputError
from booking.platform.models import HouseholdMember, Person, Request, RequestErrand, RequestMember
from booking.platform.models.states import Door, RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.rows import take_turns
from booking.scheduling.requests.wish import Also
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number

ABROAD = {"door": Door.ABROAD, "office": "berlin"}
POWER = "power-of-attorney-abroad"
RETURN = "return-travel-document"


@pytest.fixture
def couple(country):
    """An account, somebody whose passport ends, and somebody who never had one."""
    account = an_account(country)
    without = eligible_number(country, never_had_passport=True)
    return account, a_member(country, account), a_member(country, account, number=without)


def stored(core, reference):
    """The request, its members by position and its errands by position and person."""
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        return request, list(request.members), list(request.errands)


def fields_of(refused):
    return [(error.field, error.reason) for error in refused.value.errors]


def test_each_person_comes_for_their_own_service_and_the_visit_takes_the_sum(country, couple):
    account, mother, son = couple
    wish = a_wish((mother,), also=(Also("new-passport", (son,)),))

    asked = ask(country, account_id=account, wish=wish, origin=an_origin())

    request, members, errands = stored(country, asked.reference)
    assert asked.state is RequestState.ACCEPTED
    assert (request.party_size, request.units, request.service_count) == (2, 2, 2)
    assert [(one.exclusive_group, one.units) for one in members] == [("passport", 1), ("passport", 1)]
    assert [(one.person_id, one.position) for one in errands] == [(members[0].person_id, 0), (members[1].person_id, 1)]


def test_one_person_can_come_for_two_services_of_different_groups(country, couple):
    account, mother, _ = couple
    wish = a_wish((mother,), also=(Also(POWER, (mother,)),), **ABROAD)

    asked = ask(country, account_id=account, wish=wish, origin=an_origin())

    request, members, errands = stored(country, asked.reference)
    assert (request.party_size, request.units) == (1, 2)
    assert [(one.exclusive_group, one.units) for one in members] == [("passport", 2)]
    assert [one.exclusive_group for one in errands] == ["passport", "power-of-attorney"]


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("also", "changes", "error"),
    [
        (lambda mother, _: Also("new-passport", (mother,)), {}, ("also", "services_exclude_each_other")),
        (lambda mother, _: Also("no-such-thing", (mother,)), {}, ("also", "unknown_service")),
        (lambda _, son: Also(POWER, (son,)), {}, ("also", "unknown_service")),
        (lambda _, son: Also("passport-renewal", (son,)), {}, ("also", "same_service_twice")),
        (lambda _, son: Also("new-passport", (son,)), {"also": 2}, ("also", "same_service_twice")),
        (lambda *_: Also("new-passport", ()), {}, ("also", "nobody")),
        (lambda _, son: Also("new-passport", (son, son)), {}, ("also", "same_person_twice")),
        (lambda _, son: Also("new-passport", (son,), reason="lost"), {}, ("also", "unknown_reason")),
        (lambda _, son: Also("new-passport", (son,)), {"also": 5}, ("also", "too_many_services")),
    ],
)
def test_services_that_cannot_be_one_visit_are_named(country, couple, also, changes, error):
    account, mother, son = couple
    more = (also(mother, son),) * changes.get("also", 1)

    with pytest.raises(InvalidInputError) as refused:
        ask(country, account_id=account, wish=a_wish((mother,), also=more), origin=an_origin())

    assert fields_of(refused) == [error]


def test_nobody_is_at_the_counter_for_longer_than_a_slot_lasts(country, couple):
    account, mother, _ = couple
    more = (Also(POWER, (mother,)), Also(RETURN, (mother,)))

    with pytest.raises(InvalidInputError) as refused:
        ask(country, account_id=account, wish=a_wish((mother,), also=more, **ABROAD), origin=an_origin())

    assert fields_of(refused) == [("also", "visit_too_long")]


def test_each_service_asks_for_its_own_reason(country, couple):
    account, mother, _ = couple
    father = a_member(country, account)
    unreasoned = a_wish((mother,), also=(Also("replacement-lost", (father,)),))
    reasoned = a_wish((mother,), also=(Also("replacement-lost", (father,), reason="stolen"),))

    refused = ask(country, account_id=account, wish=unreasoned, origin=an_origin())
    asked = ask(country, account_id=account, wish=reasoned, origin=an_origin())

    assert refused.state is RequestState.REFUSED
    assert [reason["code"] for reason in refused.reasons] == ["hard.passport_still_valid"]
    assert asked.state is RequestState.ACCEPTED
    _, _, errands = stored(country, asked.reference)
    assert [one.reason_code for one in errands] == [None, "stolen"]


def test_the_second_service_of_a_person_excludes_another_request_for_it(country, couple):
    account, mother, son = couple
    ask(country, account_id=account, wish=a_wish((son,), service=POWER, **ABROAD), origin=an_origin())

    wish = a_wish((mother,), also=(Also(POWER, (mother, son)),), **ABROAD)
    with pytest.raises(AlreadyLiveError):
        ask(country, account_id=account, wish=wish, origin=an_origin())


def test_what_was_asked_beside_another_service_cannot_be_asked_for_alone(country, couple):
    account, mother, _ = couple
    wish = a_wish((mother,), also=(Also(POWER, (mother,)),), **ABROAD)
    first = ask(country, account_id=account, wish=wish, origin=an_origin())
    alone = a_wish((mother,), service=POWER, **ABROAD)

    with pytest.raises(AlreadyLiveError):
        ask(country, account_id=account, wish=alone, origin=an_origin())
    withdraw(country, account_id=account, reference=first.reference)

    assert ask(country, account_id=account, wish=alone, origin=an_origin()).state is RequestState.ACCEPTED


def test_of_many_at_once_one_has_a_persons_second_service(country, couple):
    account, mother, _ = couple
    together = a_wish((mother,), also=(Also(POWER, (mother,)),), **ABROAD)
    other_way_round = a_wish((mother,), service=POWER, also=(Also("passport-renewal", (mother,)),), **ABROAD)
    alone = a_wish((mother,), service=POWER, **ABROAD)

    def one(wish):
        try:
            return ask(country, account_id=account, wish=wish, origin=an_origin()).state
        except AlreadyLiveError:
            return None

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(one, [together, other_way_round, alone] * 2))

    assert [answer for answer in answers if answer is not None] == [RequestState.ACCEPTED]


def test_who_asks_for_one_service_does_not_wait_for_who_asks_for_several(country, couple):
    account, mother, son = couple
    alone = a_wish((mother, son), service=POWER, **ABROAD)

    with country.sessions.begin() as session:
        take_turns(session, [session.get(HouseholdMember, one).person_id for one in (mother, son)])
        asked = ask(country, account_id=account, wish=alone, origin=an_origin())

    assert asked.state is RequestState.ACCEPTED


def both_powers(country, couple):
    """A mother's renewal and power of attorney in one request, and the son's power of attorney in another."""
    account, mother, son = couple
    wishes = (
        a_wish((mother,), also=(Also(POWER, (mother,)),), **ABROAD),
        a_wish((son,), service=POWER, **ABROAD),
    )
    asked = [ask(country, account_id=account, wish=wish, origin=an_origin()) for wish in wishes]
    return [stored(country, one.reference) for one in asked]


def test_the_database_refuses_a_live_turn_beside_anothers_further_service(country, couple):
    (_, [mother], [_, power]), (other, _, _) = both_powers(country, couple)
    smuggled = RequestMember(
        request_id=other.id,
        person_id=mother.person_id,
        position=1,
        exclusive_group=power.exclusive_group,
        units=1,
        live=True,
    )

    with country.sessions() as session:
        session.add(smuggled)
        with pytest.raises(IntegrityError, match="uq_request_member_live"):
            session.flush()


def test_the_database_lets_nobody_come_for_more_than_was_asked(country, couple):
    (_, _, [_, power]), (other, [son], _) = both_powers(country, couple)
    renewal = RequestErrand(
        request_id=other.id,
        person_id=son.person_id,
        service_id=power.service_id,
        position=1,
        exclusive_group="passport",
        units=1,
    )

    with country.sessions() as session:
        session.add(renewal)
        with pytest.raises(DBAPIError, match="that it was asked for"):
            session.flush()


def test_a_turn_that_counts_again_is_held_to_its_further_services(country, couple):
    account, mother, _ = couple
    wish = a_wish((mother,), also=(Also(POWER, (mother,)),), **ABROAD)
    first = stored(country, ask(country, account_id=account, wish=wish, origin=an_origin()).reference)[0]
    withdraw(country, account_id=account, reference=first.reference)
    ask(country, account_id=account, wish=a_wish((mother,), service=POWER, **ABROAD), origin=an_origin())

    again = update(RequestMember).where(RequestMember.request_id == first.id).values(live=True)
    with country.sessions() as session, pytest.raises(IntegrityError, match="uq_request_member_live"):
        session.execute(again)


def test_nobody_is_put_into_another_request_while_a_turn_counts_again(country, couple):
    account, mother, _ = couple
    wish = a_wish((mother,), also=(Also(POWER, (mother,)),), **ABROAD)
    request, [member], _ = stored(country, ask(country, account_id=account, wish=wish, origin=an_origin()).reference)
    withdraw(country, account_id=account, reference=request.reference)

    with country.sessions() as counts, country.sessions() as asks:
        counts.execute(update(RequestMember).where(RequestMember.request_id == request.id).values(live=True))
        with pytest.raises(OperationalError, match="could not obtain lock"):  # as the reference of a new member does
            asks.execute(
                select(Person.id)
                .where(Person.id == member.person_id)
                .with_for_update(read=True, key_share=True, nowait=True)
            )
