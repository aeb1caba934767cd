"""Services that are done online: what their files say is what people are asked, and what they pay."""

import pytest

from booking.packs.loading import read_pack

INSURANCE = "services/vehicles/compulsory-car-insurance.toml"
PERMISSION = "services/conscription/travel-permission.toml"
MISTAKES = [
    (INSURANCE, 'each = "months"', 'each = "month"', 'unknown question month; did you mean "months"?'),
    (INSURANCE, 'each = "months"', 'each = "starts"', "each must name a required question whose answer is an integer"),
    (PERMISSION, '["deferred-for-study"]', '["deferred"]', "unknown answer deferred"),
    (PERMISSION, 'service = "study-deferral"', 'service = "study-deferal"', 'did you mean "study-deferral"?'),
    (PERMISSION, 'standing = "deferred-for-study"', 'standing = "rich"', "the form does not accept the example"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES)
def test_a_mistake_in_a_service_is_told_and_takes_down_that_service_only(edited, syria, file, old, new, message):
    pack, problems = read_pack(edited(file, old, new))

    assert any(message in problem.message for problem in problems), problems
    assert {problem.file for problem in problems} == {file}
    assert len(pack.services) == len(syria.services) - 1


def test_a_premium_is_counted_by_the_months_and_the_kind_of_vehicle(syria):
    insurance = syria.service("compulsory-car-insurance")

    fees = insurance.fees_for("resident", dict(insurance.example))

    assert [(fee.code, fee.amount) for fee in fees] == [("premium-private", 65 * 12)]


def test_only_whoever_is_deferred_for_study_needs_the_deferral_first(syria):
    permission = syria.service("travel-permission")

    assert [one.service for one in permission.prerequisites_for({"standing": "deferred-for-study"})] == [
        "study-deferral"
    ]
    assert permission.prerequisites_for({"standing": "served"}) == []
