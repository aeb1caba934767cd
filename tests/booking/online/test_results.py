"""Results: one for a thing and a day, and codes that no change survives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from booking.base.errors import InvalidInputError
from booking.base.references import new_reference, shown
from booking.models import IssuedResult
from booking.models.online.payment_states import PaymentState
from booking.models.online.states import OnlineState
from booking.models.states import Role
from booking.online import decide as deciding
from booking.online.check import Standing, check_result, code_of, public_key_pem, revoked_numbers
from booking.online.code import ForgedResultError, ResultCode, read_result, sign_result
from booking.online.issue import ThingTakenError, months_later
from booking.online.pay import begin_payment
from tests.country import an_origin
from tests.online_cases import (
    INSURANCE,
    NOTE,
    a_caseworker,
    a_filled_draft,
    decided,
    paid_event,
    pay,
    payment_of,
    result_of,
    sent,
    stored,
    tell,
    with_agency,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2150, 1, 1))
CODES = st.builds(
    ResultCode,
    number=st.text("23456789ABCDEFGH", min_size=9, max_size=9),
    issued_on=DAYS,
    valid_from=DAYS,
    valid_until=st.none() | DAYS,
    service=st.text("abc-", max_size=40),
    holder=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    thing=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


@given(CODES)
@settings(max_examples=60)
def test_a_code_holds_what_was_signed(content):
    assert read_result("https://example.org/check#" + sign_result(content, KEY), KEY.public_key()) == content


@given(CODES, st.integers(min_value=0))
@settings(max_examples=150)
def test_a_code_changed_by_one_bit_is_forged(content, bit):
    code = bytearray(sign_result(content, KEY).encode())
    code[bit // 7 % len(code)] ^= 1 << bit % 7
    changed = code.decode()
    assume("#" not in changed and changed.strip() == changed)
    with pytest.raises(ForgedResultError):
        read_result(changed, KEY.public_key())


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_no_random_text_is_a_valid_code(text):
    with pytest.raises(ForgedResultError):
        read_result(text, KEY.public_key())


def test_another_countrys_code_is_forged():
    content = ResultCode("234567892", date(2026, 1, 1), date(2026, 1, 1), None, "s", "h", "")
    with pytest.raises(ForgedResultError):
        read_result(sign_result(content, Ed25519PrivateKey.generate()), KEY.public_key())


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


def test_a_policy_covers_its_months_and_its_scanned_code_says_so(country):
    asked = with_agency(country, INSURANCE, months=3)
    result = result_of(country, asked.reference)
    assert result.valid_until == months_later(result.valid_from, 3) - timedelta(days=1)
    code = code_of(country, result)
    said = read_result(code, load_pem_public_key(public_key_pem(country).encode()))
    assert (said.number, said.service, said.thing) == (result.number, INSURANCE, "دمشق 123456")

    checked = check_result(country, f"http://x/check#{code}", origin=an_origin())
    assert (checked.standing, checked.content.holder) == (Standing.VALID, "أمل الخيالية")
    assert [row.value_ar for row in checked.content.rows][1:3] == ["دمشق", "123456"]
    by_number = check_result(country, shown(result.number), origin=an_origin())
    assert (by_number.standing, by_number.content) == (Standing.VALID, None), "the number alone names nobody"
    country.clock.advance(timedelta(days=200))
    assert check_result(country, code, origin=an_origin()).standing is Standing.EXPIRED


def test_forged_unknown_and_misread_numbers_are_told_apart(country):
    assert check_result(country, "A" * 200, origin=an_origin()).standing is Standing.FORGED
    assert check_result(country, shown(new_reference()), origin=an_origin()).standing is Standing.UNKNOWN
    for text, reason in (("", "missing"), ("12", "reference_misread")):
        with pytest.raises(InvalidInputError) as refused:
            check_result(country, text, origin=an_origin())
        assert refused.value.errors[0].reason == reason


def test_a_revoked_certificate_is_listed_at_once(country):
    officer, chief = a_caseworker(country), a_caseworker(country, role=Role.CASE_SUPERVISOR)
    asked = with_agency(country)
    decided(country, asked, officer)
    number = deciding.issue(country, officer_id=officer, reference=asked.reference)
    code = code_of(country, result_of(country, asked.reference))
    assert check_result(country, code, origin=an_origin()).standing is Standing.VALID
    deciding.revoke(country, officer_id=chief, reference=asked.reference, reason="issued_by_mistake", note=NOTE)
    assert check_result(country, code, origin=an_origin()).standing is Standing.REVOKED
    assert [one["number"] for one in revoked_numbers(country)["revoked"]] == [number]


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
    deciding.revoke(country, officer_id=chief, reference=first.reference, reason="obtained_by_deceit", note=NOTE)
    second = a_filled_draft(country, INSURANCE, plate="8888")
    sent(country, second)
    pay(country, second)
    assert stored(country, second.reference).state is OnlineState.ISSUED
