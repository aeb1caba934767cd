"""Checking a result: valid, expired, revoked, forged or unknown."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from booking.eservices.online import decide
from booking.eservices.online.check import Standing, check_result, code_of, public_key_pem, revoked_numbers
from booking.eservices.online.issue import months_later, read_result
from booking.platform.base.errors import InvalidInputError
from booking.platform.base.references import new_reference, shown
from booking.platform.models.states import Role
from tests.support.country import an_origin
from tests.support.online_cases import INSURANCE, NOTE, a_caseworker, decided, result_of, with_agency

pytestmark = pytest.mark.neighbours


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


@pytest.mark.alone
def test_a_revoked_certificate_is_listed_at_once(country):
    officer, chief = a_caseworker(country), a_caseworker(country, role=Role.CASE_SUPERVISOR)
    asked = with_agency(country)
    decided(country, asked, officer)
    number = decide.issue(country, officer_id=officer, reference=asked.reference)
    code = code_of(country, result_of(country, asked.reference))
    assert check_result(country, code, origin=an_origin()).standing is Standing.VALID
    decide.revoke(country, officer_id=chief, reference=asked.reference, reason="issued_by_mistake", note=NOTE)
    assert check_result(country, code, origin=an_origin()).standing is Standing.REVOKED
    assert [one["number"] for one in revoked_numbers(country)["revoked"]] == [number]
