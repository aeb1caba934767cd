"""What a register answers, the same in this process and over HTTP."""

from dataclasses import astuple
from datetime import date

import pytest

from booking.country.core.register import MOST_PEOPLE, Agreement
from booking.people.registers.synthetic import CODE, CONSCRIPTION, grant_of, serial_of
from booking.platform.models.identity import ProofKind
from tests.booking.people.registers.people import CHILD, DEAD, MOTHER, NO_PHONE, NOBODY, another

YES, NO, UNKNOWN = Agreement


@pytest.fixture(params=["in this process", "over HTTP"])
def register(request):
    return request.getfixturevalue("invented" if request.param == "in this process" else "over_http")


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (MOTHER, (YES, YES, YES)),
        (another(MOTHER, name="سلمي ٱلخيالى"), (YES, YES, YES)),
        (another(MOTHER, name="سلمى المثال"), (NO, NO, YES)),
        (another(MOTHER, birth_date=date(1984, 3, 3)), (NO, YES, NO)),
        (DEAD, (NO, YES, YES)),
        (NOBODY, (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
    ids=["fits", "other spelling", "other name", "other birth date", "dead", "unknown"],
)
def test_a_match_says_whether_each_field_fits(register, identity, said):
    assert astuple(register.match(identity)) == said


def test_the_serial_of_a_document_gives_a_grant_and_no_other_word_does(register):
    for kind in (ProofKind.CARD, ProofKind.PASSPORT):
        serial = serial_of(MOTHER.number, kind)
        held = register.facts(MOTHER.number, grant_of(MOTHER.number)).passport_valid_until is not None
        given = register.prove(MOTHER, kind, serial)

        assert (given is not None) is (kind is ProofKind.CARD or held)
        assert register.prove(another(MOTHER, name="هالة المثال"), kind, serial) is None
        assert register.prove(MOTHER, kind, serial_of(CHILD.number, kind)) is None
        assert register.prove(MOTHER, kind, "") is None
        assert register.prove(MOTHER, kind, "C" * 5000) is None


def test_a_proven_parent_proves_a_child_and_nobody_else(register):
    grant = grant_of(MOTHER.number)

    assert register.prove_guardian(CHILD, guardian=MOTHER.number, grant=grant)
    assert register.prove_guardian(CHILD, guardian=MOTHER.number, grant="a guess") is None
    assert register.prove_guardian(CHILD, guardian=NO_PHONE.number, grant=grant_of(NO_PHONE.number)) is None
    assert register.prove_guardian(MOTHER, guardian=MOTHER.number, grant=grant) is None


def test_a_code_goes_to_a_phone_that_the_register_knows(register):
    handle = register.send_code(MOTHER)

    assert register.check_code(MOTHER, handle=handle, code="000000") is None
    assert register.check_code(MOTHER, handle="another", code=CODE) is None
    assert register.check_code(MOTHER, handle=handle, code=CODE) == grant_of(MOTHER.number)
    assert register.send_code(NO_PHONE) is None
    assert register.send_code(another(MOTHER, name="هالة المثال")) is None


def test_what_mawid_saw_counts_for_people_who_live(register):
    assert register.attest(MOTHER, ProofKind.OFFICER, by="visit-17") == grant_of(MOTHER.number)
    assert register.attest(MOTHER, ProofKind.PROVIDER, by="sign-in-3") == grant_of(MOTHER.number)
    assert register.attest(DEAD, ProofKind.OFFICER, by="visit-18") is None


def test_facts_need_the_grant_of_the_same_number(register):
    conscript = "98100000001"
    facts = register.facts(conscript, grant_of(conscript))

    assert (facts.listed, facts.gender, facts.region) == ({CONSCRIPTION}, "male", "damascus")
    assert [held.service for held in facts.held] == ["study-deferral"]
    assert register.facts(conscript, grant_of(MOTHER.number)) is None
    assert register.facts(conscript, "") is None
    assert register.facts(NOBODY.number, grant_of(NOBODY.number)) is None


def test_many_are_answered_as_each_alone_and_in_their_order(register):
    numbers = ["98100000001", MOTHER.number, NOBODY.number, "02123123123"]
    asked = [(number, grant_of(number)) for number in numbers]
    asked += [(MOTHER.number, grant_of(CHILD.number)), (MOTHER.number, "no grant of ours")]

    assert register.facts_of_many(asked) == [register.facts(*one) for one in asked]
    assert register.facts_of_many([]) == []


def test_a_hundred_people_fit_into_one_question(register):
    people = [(f"98{1000000000 + n}"[:11], "g" * 512) for n in range(MOST_PEOPLE)]

    assert register.facts_of_many(people) == [None] * MOST_PEOPLE


def test_both_registers_know_the_same_facts(invented, over_http):
    for number in ("01000000009", "02123123123", "98100000001", "14999999999"):
        assert over_http.facts(number, grant_of(number)) == invented.facts(number, grant_of(number))
