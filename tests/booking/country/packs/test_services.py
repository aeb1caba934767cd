"""Services that are done online: what their files say is what people are asked, and what they pay."""

import pytest

from booking.country.packs.loading import read_pack

INSURANCE = "services/vehicles/compulsory-car-insurance.toml"
PERMISSION = "services/conscription/travel-permission.toml"
LEGALISATION = "services/passports/document-legalisation.toml"
_STATEMENT = """\
statement.ar = "المركبة المذكورة مؤمن عليها تأمينًا إلزاميًا خلال مدة الصلاحية."
statement.en = "The vehicle below has compulsory insurance while this policy is valid."
"""
MISTAKES = [
    (LEGALISATION, 'consulate = "tripoli"', 'consulate = "tripolis"', 'did you mean "tripoli"?'),
    (LEGALISATION, 'by = "either"', 'by = "pigeon"', "visit"),
    (LEGALISATION, "processing_days = 4", "processing_days = 0", "[originals] are for people abroad"),
    (INSURANCE, 'each = "months"', 'each = "month"', 'unknown question month; did you mean "months"?'),
    (INSURANCE, 'each = "months"', 'each = "starts"', "each must name a required question whose answer is an integer"),
    (PERMISSION, 'label.ar = "الغرض"\nlabel.en = "Purpose"\n', "", "reason is a question: give it a label"),
    (PERMISSION, 'kind = "certificate"', 'kind = "none"', "issues nothing: leave out statement"),
    (INSURANCE, _STATEMENT, "", "a document states something"),
    (PERMISSION, 'answers = ["deferred-for-study"]', 'answers = ["deferred"]', "unknown answer deferred"),
    (PERMISSION, 'service = "study-deferral"', 'service = "study-deferal"', 'did you mean "study-deferral"?'),
    (PERMISSION, 'standing = "deferred-for-study"', 'standing = "rich"', "the form does not accept the example"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES)
def test_a_mistake_in_a_service_disables_only_that_service(edited, syria, file, old, new, message):
    pack, problems = read_pack(edited(file, old, new))

    assert any(message in problem.message for problem in problems), problems
    assert {problem.file for problem in problems} == {file}
    assert len(pack.services) == len(syria.services) - 1


def test_a_premium_depends_on_months_and_kind_of_vehicle(syria):
    insurance = syria.service("compulsory-car-insurance")

    fees = insurance.fees_for("resident", dict(insurance.example))

    assert [(fee.code, fee.amount) for fee in fees] == [("premium-private", 65 * 12)]


def test_there_are_fifty_services_and_some_in_every_group(syria):
    assert len(syria.services) >= 50
    assert {service.group for service in syria.services} == {group.code for group in syria.groups}


def test_every_service_has_search_words_in_arabic_english_and_latin(syria):
    for service in syria.services:
        assert service.search.root.keys() == {"ar", "en", "latin"}, service.code


def test_only_a_student_with_a_deferral_needs_to_show_it_first(syria):
    permission = syria.service("travel-permission")

    assert [one.service for one in permission.prerequisites_for({"standing": "deferred-for-study"})] == [
        "study-deferral"
    ]
    assert [one.service for one in permission.prerequisites_for({"standing": "served"})] == ["discharge-document"]
    assert permission.prerequisites_for({}) == []
