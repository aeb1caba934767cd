"""A program reads the plan that the page shows: the chain with its days, questions, and what was asked already."""

import secrets
from datetime import timedelta

import pytest

from booking.people.registers.synthetic import CONSCRIPT_PREFIX
from tests.support.country import a_member

pytestmark = pytest.mark.neighbours

STUDIES = "answer=travel-permission.standing=deferred-for-study"


@pytest.fixture
def student(citizen, core):
    """A man whom the conscription register lists, and who holds nothing."""
    program = citizen()
    while True:
        number = f"{CONSCRIPT_PREFIX}0{secrets.randbelow(10**8):08d}"
        record = core.register.made_of(number)
        if not record.application_pending and 0 <= record.passport_days_left(core.today()) <= 365:
            break
    program.members.insert(0, a_member(core, program.account_id, number=number))
    return program


def test_a_plan_lists_its_parts_days_and_questions(student, core):
    path = f"/plans/passport-renewal?person={student.members[0]}"

    first = student.get(path).json()

    assert [one["service"] for one in first["parts"]][-1] == first["goal"] == "passport-renewal"
    question = next(one for one in first["questions"] if one["code"] == "travel-permission.standing")
    assert "deferred-for-study" in question["choices"]
    assert question["answer"] is None

    whole = student.get(f"{path}&{STUDIES}").json()
    parts = {one["service"]: one for one in whole["parts"] if one["state"] != "not_needed"}
    assert list(parts) == ["study-deferral", "travel-permission", "passport-renewal"]
    assert parts["travel-permission"]["waits_for"] == ["study-deferral"]
    assert [one["state"] for one in parts.values()] == ["missing"] * 3
    assert parts["study-deferral"]["done"] <= parts["travel-permission"]["ready"] <= whole["earliest"]

    later = (core.today() + timedelta(days=120)).isoformat()
    assert student.get(f"{path}&{STUDIES}&day={later}").json()["day"] == later

    reference = student.ask(people=student.members[:1]).json()["reference"]
    asked = student.get(f"{path}&{STUDIES}").json()["parts"][-1]
    assert asked["step"] == "asked"
    assert asked["request"]["reference"] == reference


def test_invalid_plans_are_refused_with_reasons(student, citizen, program):
    mine = student.members[0]
    assert program.get(f"/plans/passport-renewal?person={mine}").status_code == 401
    assert citizen().get(f"/plans/passport-renewal?person={mine}").status_code == 404
    assert student.get(f"/plans/no-such-service?person={mine}").status_code == 404
    many = "&".join([f"person={mine}", *[STUDIES] * 21])
    for wrong in ("", "person=0", "person=x", f"person={mine}&day=tomorrow", f"person={mine}&answer=what", many):
        answer = student.get(f"/plans/passport-renewal?{wrong}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), wrong
