import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from booking.people.identity.acting import end_weaker_claims
from booking.platform.base.errors import (
    AlreadyLiveError,
    IdempotencyConflictError,
    InvalidInputError,
    PhoneNotConfirmedError,
    TooManyAttemptsError,
)
from booking.platform.base.references import read_reference
from booking.platform.models import HouseholdMember, Message, Request, RequestMember, Verdict
from booking.platform.models.states import Door, RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import (
    START,
    a_member,
    a_request,
    a_wish,
    an_account,
    an_origin,
    eligible_number,
    pending_number,
)
from tests.support.waiting import ended

NO_WEEKDAY = ("last_day", "no_chosen_weekday")


@pytest.fixture
def citizen(country):
    account = an_account(country)
    return account, a_member(country, account)


def test_an_honest_request_is_accepted_with_a_receipt_and_a_readable_reference(country):
    account, asked = a_request(country)

    assert asked.state is RequestState.ACCEPTED
    assert asked.reasons == []
    assert len(bytes.fromhex(asked.receipt)) == 32
    assert read_reference(asked.reference.lower()) == asked.reference
    with country.sessions() as session:
        verdict = session.scalars(select(Verdict)).one()
        assert verdict.versions["rule_set"] == "1"
        assert verdict.versions["model"].startswith("1:")
        assert verdict.inputs["facts"]["party_size"] == 1
        assert session.scalar(
            select(Message.kind).where(Message.kind == "request_accepted", Message.account_id == account)
        )


def test_a_person_has_one_live_request_in_a_service_group(country, citizen):
    account, member = citizen
    ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())

    with pytest.raises(AlreadyLiveError):
        ask(
            country,
            account_id=account,
            wish=a_wish((member,), service="replacement-lost", reason="lost"),
            origin=an_origin(),
        )


def test_after_withdrawing_the_same_person_can_ask_again(country, citizen):
    account, member = citizen
    first = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())
    withdraw(country, account_id=account, reference=first.reference)

    again = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())

    assert again.state is RequestState.ACCEPTED


def test_only_one_of_eight_simultaneous_requests_for_a_person_is_kept(country, citizen):
    account, member = citizen
    outcomes: list[object] = []

    def race():
        try:
            outcomes.append(ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin()))
        except AlreadyLiveError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)

    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert len(outcomes) == 8
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(RequestMember).where(RequestMember.live)) == 1


def test_the_same_key_gives_the_same_answer_and_asks_once(country, citizen):
    account, member = citizen
    wish = a_wish((member,))
    first = ask(country, account_id=account, wish=wish, origin=an_origin(), idempotency_key="double-click")

    second = ask(country, account_id=account, wish=wish, origin=an_origin(), idempotency_key="double-click")

    assert second == replace(first, replayed=True, limits=())
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 1


def test_the_same_key_with_another_wish_is_refused(country, citizen):
    account, member = citizen
    ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin(), idempotency_key="k")

    with pytest.raises(IdempotencyConflictError):
        ask(
            country,
            account_id=account,
            wish=a_wish((member,), accessible=True),
            origin=an_origin(),
            idempotency_key="k",
        )


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"service": "a-free-car"}, "service", "unknown_service"),
        ({"offices": ("atlantis",)}, "offices", "unknown_office"),
        ({"offices": ()}, "offices", "no_office"),
        ({"bands": frozenset()}, "bands", "no_band"),
        ({"bands": frozenset({"midnight"})}, "bands", "unknown_band"),
        ({"weekdays": frozenset()}, "weekdays", "no_weekday"),
        ({"weekdays": frozenset({9})}, "weekdays", "no_weekday"),
        ({"first_day": date(2026, 10, 31)}, "first_day", "past_day"),
        ({"last_day": date(2026, 10, 31)}, "last_day", "past_day"),
        ({"first_day": date(2026, 12, 20), "last_day": date(2026, 12, 10)}, "last_day", "before_first_day"),
        ({"first_day": date(2026, 12, 20), "needed_by": date(2026, 12, 10)}, "needed_by", "before_first_day"),
        ({"needed_by": date(2031, 1, 1)}, "needed_by", "too_far"),
        ({"needed_by": date(2020, 1, 1)}, "needed_by", "past_day"),
        ({"first_day": date(2031, 1, 1)}, "first_day", "too_far"),
        ({"weekdays": frozenset({6}), "last_day": date(2026, 11, 7), "first_day": date(2026, 11, 2)}, *NO_WEEKDAY),
        ({"weekdays": frozenset({0, 5}), "last_day": START.date()}, *NO_WEEKDAY),
        ({"reason": "because"}, "reason", "unknown_reason"),
        ({"offices": ("berlin",)}, "offices", "unknown_office"),
        ({"door": Door.ABROAD}, "home_first", "missing_home_days"),
    ],
)
def test_mistakes_in_the_form_are_named_and_nothing_is_stored(country, citizen, changes, field, reason):
    account, member = citizen

    with pytest.raises(InvalidInputError) as caught:
        ask(country, account_id=account, wish=replace(a_wish((member,)), **changes), origin=an_origin())

    assert (field, reason) in [(error.field, error.reason) for error in caught.value.errors]
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 0


def test_household_members_of_others_are_unknown(country, citizen):
    _, member = citizen
    stranger = an_account(country)

    with pytest.raises(InvalidInputError) as caught:
        ask(country, account_id=stranger, wish=a_wish((member,)), origin=an_origin())

    assert caught.value.errors[0].reason == "unknown_person"


def test_an_unconfirmed_phone_cannot_ask(country):
    account = an_account(country, confirmed=False)

    with pytest.raises(PhoneNotConfirmedError):
        ask(country, account_id=account, wish=a_wish((1,)), origin=an_origin())


def test_what_the_register_rules_out_is_refused_in_both_languages(country):
    account = an_account(country)
    member = a_member(country, account, number=pending_number(country))

    asked = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())

    assert asked.state is RequestState.REFUSED
    assert "hard.application_pending" in [reason["code"] for reason in asked.reasons]
    assert all(reason["ar"] and reason["en"] for reason in asked.reasons)


def test_a_device_that_asks_for_dozens_of_people_is_limited(country):
    account = an_account(country)
    members = [a_member(country, account, name=f"شخص خيالي {n}") for n in range(10)]
    origin = an_origin("a busy device")

    def hoard():
        for member in members * 8:
            asked = ask(country, account_id=account, wish=a_wish((member,)), origin=origin)
            if asked.state is not RequestState.REFUSED:
                withdraw(country, account_id=account, reference=asked.reference)

    with pytest.raises(TooManyAttemptsError) as caught:
        hoard()

    assert caught.value.retry_after > 0


def test_facts_count_only_earlier_requests(country, clock):
    account = an_account(country)
    first, second = (a_member(country, account, name=f"شخص خيالي {n}") for n in range(2))
    origin = an_origin("shared")
    ask(country, account_id=account, wish=a_wish((first,)), origin=origin)
    clock.advance(timedelta(minutes=5))
    ask(country, account_id=account, wish=a_wish((second,)), origin=origin)

    with country.sessions() as session:
        facts = [v.inputs["facts"] for v in session.scalars(select(Verdict).order_by(Verdict.decided_at))]
    assert [f["requests_from_device_1h"] for f in facts] == [0, 1]
    assert [f["people_on_device_30d"] for f in facts] == [0, 1]


@pytest.mark.parametrize(("unproven", "fires"), [(3, False), (4, True)])
def test_an_account_that_lost_a_claim_and_holds_more_waits_for_an_officer(country, clock, unproven, fires):
    account, number = an_account(country), eligible_number(country)
    mine, *_ = [a_member(country, account), *(a_member(country, account, proven=False) for _ in range(unproven))]
    a_member(country, account, number=number, proven=False)
    owner = an_account(country)
    its_owner = a_member(country, owner, number=number)
    with country.sessions.begin() as session:
        end_weaker_claims(session, country, session.get_one(HouseholdMember, its_owner))
    clock.advance(timedelta(days=364))

    ask(country, account_id=account, wish=a_wish((mine,)), origin=an_origin())
    ask(country, account_id=owner, wish=a_wish((its_owner,)), origin=an_origin())

    with country.sessions() as session:
        told = dict(session.execute(select(Request.account_id, Verdict).join(Verdict)).all())
    facts = {who: verdict.inputs["facts"] for who, verdict in told.items()}
    assert facts[account]["claims_ended_365d"] == 1
    assert facts[account]["unproven_by_account"] == unproven
    assert [facts[owner][name] for name in ("identity_level", "claims_ended_365d", "unproven_by_account")] == [2, 0, 0]
    assert told[account].decision == ("review" if fires else "accept")
    assert told[owner].decision == "accept"


@pytest.mark.parametrize(("people", "fires"), [(10, False), (11, True)])
def test_a_new_account_near_the_cap_of_a_household_is_asked_for_a_check(country, people, fires):
    account = an_account(country)
    member, *_ = [a_member(country, account) for _ in range(people)]
    asked = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())
    with country.sessions() as session:
        found = [reason["code"] for reason in session.scalars(select(Verdict.reasons)).one()]
    assert ("rule.new-account-for-many" in found) is fires
    assert all(reason["code"] != "rule.new-account-for-many" for reason in asked.reasons), "named to officers only"
