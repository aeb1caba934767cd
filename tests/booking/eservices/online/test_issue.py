"""Issuing a result: one for a thing and a day, however many pay at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from booking.eservices.online import decide
from booking.eservices.online.issue import ThingTakenError, months_later
from booking.eservices.online.pay import begin_payment
from booking.platform.models import IssuedResult
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import PaymentState
from booking.platform.models.states import Role
from tests.support.online_cases import (
    INSURANCE,
    NOTE,
    a_caseworker,
    a_filled_draft,
    paid_event,
    pay,
    payment_of,
    result_of,
    sent,
    stored,
    tell,
    with_agency,
)

pytestmark = pytest.mark.neighbours


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_adding_months_ends_where_people_expect(day, months, then):
    assert months_later(day, months) == then


def test_a_vehicle_insured_already_is_refused_before_paying(country):
    with_agency(country, INSURANCE, plate="77777")
    other = a_filled_draft(country, INSURANCE, plate="77777")
    with pytest.raises(ThingTakenError) as refused:
        sent(country, other)
    assert refused.value.until > country.today()
    another_plate = a_filled_draft(country, INSURANCE, plate="77778")
    assert sent(country, another_plate) is OnlineState.AWAITING_PAYMENT


def test_the_next_policy_begins_where_the_last_one_ends(country):
    first = with_agency(country, INSURANCE, plate="5555", months=1)
    ends = result_of(country, first.reference).valid_until
    early = a_filled_draft(country, INSURANCE, plate="5555", starts=ends.isoformat())
    with pytest.raises(ThingTakenError):
        sent(country, early)
    after = with_agency(country, INSURANCE, plate="5555", starts=(ends + timedelta(days=1)).isoformat())
    assert stored(country, after.reference).state is OnlineState.ISSUED


@pytest.mark.alone
def test_eight_payments_for_one_vehicle_give_one_policy_and_seven_refunds(country):
    asked = [a_filled_draft(country, INSURANCE, plate="99999") for _ in range(8)]
    for one in asked:
        sent(country, one)
        begin_payment(country, account_id=one.account, reference=one.reference)
    events = [paid_event(country, one.reference) for one in asked]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda event: tell(country, event), events))
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(IssuedResult)) == 1
    states = [stored(country, one.reference).state for one in asked]
    assert sorted(states) == sorted([OnlineState.ISSUED] + [OnlineState.REFUSED] * 7)
    money = [payment_of(country, one.reference).state for one in asked]
    assert sorted(money) == sorted([PaymentState.PAID] + [PaymentState.REFUND_DUE] * 7)


def test_a_revoked_policy_makes_room_for_another(country):
    chief = a_caseworker(country, "insurance", Role.CASE_SUPERVISOR)
    first = with_agency(country, INSURANCE, plate="8888")
    decide.revoke(country, officer_id=chief, reference=first.reference, reason="obtained_by_deceit", note=NOTE)
    second = a_filled_draft(country, INSURANCE, plate="8888")
    sent(country, second)
    pay(country, second)
    assert stored(country, second.reference).state is OnlineState.ISSUED
