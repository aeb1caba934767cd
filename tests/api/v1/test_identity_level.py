"""What a program is told where a proof is needed first."""

import secrets

import pytest

from tests.support.country import a_member

pytestmark = pytest.mark.neighbours


def test_a_request_for_somebody_who_is_not_proven_names_the_members(citizen, core):
    program = citizen()
    member = a_member(core, program.account_id, name="كريم الخيالي", proven=False)
    wish = {"service": "passport-renewal", "people": [member], "offices": ["damascus"], "bands": ["morning"]}

    answer = program.post("/requests", wish, key=secrets.token_hex(8))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "identity_level")
    assert (problem["members"], problem["needed"]) == ([member], "proven")


def test_a_plan_says_that_nothing_was_asked_for(citizen, core):
    program = citizen()
    member = a_member(core, program.account_id, name="كريم الخيالي", proven=False)

    assert program.get(f"/plans/passport-renewal?person={member}").json()["unknown"] == "not_proven"
    assert program.get(f"/plans/passport-renewal?person={program.members[0]}").json()["unknown"] is None
