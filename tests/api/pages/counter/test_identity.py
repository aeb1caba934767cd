"""At the counter a clerk finds a person by number, sees who acts for them, and decides."""

import re

import pytest
from sqlalchemy import select

from booking.people.accounts import second_factor
from booking.people.identity.attest import show_counter_code
from booking.platform.models import Account, HouseholdMember
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_member, an_account, eligible_number

pytestmark = pytest.mark.neighbours

NAME = "أمل الخيالية"
DOCUMENT = {"name": NAME, "birth_day": "17", "birth_month": "5", "birth_year": "1990"}


@pytest.fixture
def number(core):
    return eligible_number(core)


def test_a_clerk_sees_who_acts_and_decides(core, staff, number):
    account, squatter = an_account(core), an_account(core)
    member = a_member(core, account, number=number, relation="self")
    contested = a_member(core, squatter, number=number)
    clerk = staff(Role.OFFICER).go("/desk/today")
    assert "/desk/identity" in clerk.text
    clerk.go("/desk/identity").send(national_number=number)
    assert re.fullmatch(r"/desk/identity/[0-9a-f-]{36}", clerk.path), clerk.text
    assert number not in clerk.text
    assert clerk.text.count("حساب ينتهي") >= 2

    page = clerk.path
    clerk.send(reason="حضرت بنفسها", **DOCUMENT)
    assert clerk.status == 422
    assert 'href="#documents"' in clerk.text
    assert "حضرت بنفسها" in clerk.text
    clerk.send(documents=["identity_card"], code="123456", end=[contested])
    assert clerk.status == 422
    assert 'value="123456"' in clerk.text
    code = show_counter_code(core, account_id=account, member_id=member).code
    clerk.go(page).send(documents=["identity_card"], code=code, end=[contested], reason="حضرت بنفسها", **DOCUMENT)
    assert clerk.path == "/desk/identity?done=1", clerk.text
    with core.sessions() as session:
        left = session.scalars(select(HouseholdMember).where(HouseholdMember.account_id.in_((account, squatter)))).all()
    assert [(one.id, one.level) for one in left] == [(member, IdentityLevel.SEEN)]


def test_a_number_that_nobody_asks_for_is_said_beside_its_field(core, staff, number):
    clerk = staff(Role.OFFICER).go("/desk/identity")
    for typed in (number, "12", ""):
        clerk.send(national_number=typed)
        assert (clerk.status, 'href="#national_number"' in clerk.text) == (422, True)


def test_a_stranger_to_the_counter_finds_nobody(core, staff, number):
    member = a_member(core, an_account(core), number=number)
    with core.sessions() as session:
        person = session.get_one(HouseholdMember, member).person_id
    assert staff(Role.REVIEWER, None).go(f"/desk/identity/{person}").status == 403
    assert staff(Role.OFFICER).go("/desk/identity/not-an-id").status in {404, 422}


def test_a_clerk_ends_a_lost_second_step_by_the_code_on_its_owners_page(core, staff, number, new_browser):
    account = an_account(core)
    a_member(core, account, number=number, relation="self")
    with core.sessions.begin() as session:
        second_factor.keep(session, core, account_id=account, secret=second_factor.new_secret(), step=0)
        owner = session.get_one(Account, account).username
    amal = new_browser().go("/sign-in").send(username=owner, password=PASSWORD).go("/sign-in/second-step/lost/counter")
    assert "موعد" in amal.text
    code = re.search(r'class="big"><strong><bdi dir="ltr">(\d+)<', amal.send().text)[1]

    clerk = staff(Role.OFFICER).go("/desk/identity").send(national_number=number)
    page = f"{clerk.path}/second-step"
    assert page in clerk.text
    clerk.go(page).send(code="000000", documents=["passport"], reason="سُرق الهاتف", **DOCUMENT)
    assert (clerk.status, "سُرق الهاتف" in clerk.text) == (422, True)
    clerk.send(code=code, documents=["passport"], reason="سُرق الهاتف", **DOCUMENT)
    assert clerk.path == "/desk/identity?done=1", clerk.text
