"""A supervisor registers a shop; the shop asks for a person; the person takes over or withdraws."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from booking.platform.models import Account, Consent, Helper, Request
from booking.platform.models.states import Role
from tests.booking.desk.helpers.helped import a_helper, agreed, ask_it, code_of, helper_id_of, owner_of
from tests.support.country import PASSWORD, a_request, an_account, eligible_number, prove_newest_member
from tests.support.hashing import full
from tests.support.urgent_cases import a_photo

pytestmark = pytest.mark.neighbours

PERSON = {"name": "سعاد الخيالية", "birth_day": "17", "birth_month": "5", "birth_year": "1990", "phone": "0966 555 444"}
GUESS = {"choice": "take_over", "code": "000000", "password": PASSWORD}


@pytest.fixture
def shop(core, sign_in):
    """A shop of Damascus at its computer: its account and its browser."""
    account = a_helper(core)
    with core.sessions.begin() as session:
        session.get_one(Account, account).password_hash = core.passwords.hash(PASSWORD)
    return account, sign_in(account)


def consent_on(browser):
    return UUID(re.search(r"/helper/people/([0-9a-f-]{36})", browser.path).group(1))


def ask_for_somebody(core, browser):
    """Go the whole way of a shop; the consent's id."""
    browser.go("/helper/people/new").send(national_number=eligible_number(core), **PERSON)
    consent = consent_on(browser)
    prove_newest_member(core)
    browser.send(code=code_of(core, consent))
    assert browser.path.endswith("/ask"), browser.text
    browser.go(f"{browser.path}?service=passport-renewal").send()
    assert browser.path == f"/helper/people/{consent}?new=1", browser.text
    return consent


@pytest.mark.alone
def test_a_supervisor_registers_a_shop_changes_its_caps_and_suspends_it(core, staff):
    boss = staff(Role.SUPERVISOR)
    boss.go("/desk/helpers/new").send(
        organisation="مكتبة <الياسمين>",
        licence="",
        username="jasmine",
        phone="0955 111 222",
        per_day="0",
    )
    assert boss.status == 422
    assert "مكتبة &lt;الياسمين&gt;" in boss.text
    boss.send(licence="D-77", per_day="٥", office_code="damascus")
    assert re.fullmatch(r"/desk/helpers/[0-9a-f-]{36}", boss.path), boss.text
    page = boss.path
    boss.send(change="suspend", reason="")
    assert boss.status == 422
    boss.go(page).send(change="caps", per_day="7", reason="they help a whole quarter")
    boss.send(change="suspend", reason="two people complained")
    assert "two people complained" in boss.text, (boss.status, boss.path, boss.text.partition("<main")[2])
    with core.sessions() as session:
        helper = session.scalars(select(Helper)).one()
        assert (helper.per_day, helper.state) == (7, "suspended")
        assert helper.account.roles == ["helper"]
    assert staff(Role.SUPERVISOR, "berlin").go(page).status == 403


def test_a_shop_asks_for_a_person_who_then_takes_the_request_over(core, shop, browser):
    account, screen = shop
    with core.sessions() as session:
        name = session.get_one(Account, account).username
    assert browser.go("/sign-in").send(username=name, password=PASSWORD).path == "/helper"
    browser.client.cookies.clear()
    consent = ask_for_somebody(core, screen)
    with core.sessions() as session:
        owner = session.get_one(Account, session.get_one(Consent, consent).account_id)
        reference = session.scalars(select(Request.reference).where(Request.account_id == owner.id)).one()
    assert screen.go(f"/requests/{reference}").status == 404
    assert "سعاد" in screen.go("/helper").text
    assert "الخيالية" not in screen.text

    browser.go("/helped").send(reference=reference, phone=PERSON["phone"])
    browser.send(code="000000", username="suad", password=PASSWORD)
    assert browser.status == 422
    browser.send(code=code_of(core, consent, "take_over"), username="suad", password=PASSWORD)
    assert browser.path == "/sign-in", browser.text
    browser.send(username="suad", password=PASSWORD)
    browser.go(f"/requests/{reference}")
    assert "مكتبة الياسمين" in browser.text
    browser.go(f"/requests/{reference}/helper").send()
    assert browser.path == f"/requests/{reference}"
    with core.sessions() as session:
        assert session.get_one(Account, owner.id).username == "suad"
    assert reference[:3] not in screen.go(f"/helper/people/{consent}").text


def test_consent_is_withdrawn_by_a_code_without_an_account(core, shop, browser):
    account, _ = shop
    consent = agreed(core, account, phone="+963966555444")
    asked = ask_it(core, account, consent)
    browser.go("/helped").send(reference=asked.reference, phone="0966 000 999")  # somebody else's phone
    assert browser.path == "/helped/next"
    browser.send(choice="withdraw", code="123456")
    assert browser.status == 422
    browser.go("/helped").send(reference=asked.reference, phone="0966 555 444")
    browser.send(choice="withdraw", code=code_of(core, consent, "take_over"))
    assert browser.status == 200, browser.text
    with core.sessions() as session:
        assert session.get_one(Consent, consent).state == "withdrawn"
        assert session.get_one(Account, owner_of(core, consent).id).unclaimed


def test_guesses_by_a_stranger_hash_nothing_and_reveal_no_user_name(core, shop, browser):
    account, _ = shop
    asked = ask_it(core, account, agreed(core, account, phone="+963966555444"))
    with core.sessions() as session:
        taken = session.get_one(Account, account).username
    browser.go("/helped").send(reference=asked.reference, phone="0966 555 444")
    form, said = browser.forms()[0], []
    with full(core.passwords):  # one hash would be told as 503
        for number in range(80):
            browser.post(form.action, {**form.fields, **GUESS, "username": taken if number % 2 else "nobody.has.it"})
            said.append(browser.status)
    assert said == [422] * said.count(422) + [429] * said.count(429)
    assert said.count(429) >= 40


def test_a_second_click_shows_the_first_request(core, shop):
    account, screen = shop
    consent = agreed(core, account)
    screen.go(f"/helper/people/{consent}/ask?service=passport-renewal")
    form = screen.forms()[0]
    screen.post(form.action, form.fields)
    screen.post(form.action, form.fields)
    assert screen.path == f"/helper/people/{consent}", screen.text
    assert screen.status == 200


def test_a_form_with_mistakes_keeps_what_was_typed(core, shop):
    account, screen = shop
    screen.go("/helper/people/new").send(national_number="12", phone="nothing", name="سعاد", birth_day="40")
    assert screen.status == 422
    assert 'value="nothing"' in screen.text
    consent = agreed(core, account)
    screen.go(f"/helper/people/{consent}/ask?service=passport-renewal").send(
        first="", weekdays=None, needed_by="2020-01-01", reason="no such"
    )
    assert screen.status == 422
    assert 'href="#first"' in screen.text
    assert 'value="2020-01-01"' in screen.text


def test_a_suspended_shops_open_page_leads_to_the_sign_in(core, shop, staff):
    account, screen = shop
    consent = agreed(core, account)
    screen.go(f"/helper/people/{consent}/ask?service=passport-renewal")
    helper = helper_id_of(core, account)
    staff(Role.SUPERVISOR).go(f"/desk/helpers/{helper}").send(change="suspend", reason="to be looked into")
    screen.send()
    assert screen.path.startswith("/sign-in"), screen.path
    with core.sessions() as session:
        assert session.scalars(select(Request).where(Request.helper_id == helper)).all() == []
        username = session.get_one(Account, account).username
    screen.go("/sign-in").send(username=username, password=PASSWORD)
    assert "to be looked into" in screen.text
    assert screen.go("/helper/people/new").send(national_number=eligible_number(core), **PERSON).status == 403


def test_a_citizens_own_request_shows_no_helper(core, sign_in):
    account, asked = a_request(core)
    mine = sign_in(account)
    assert mine.go(f"/requests/{asked.reference}/helper").status == 404
    assert sign_in(an_account(core)).go("/helper").status == 403


def test_a_shop_sends_a_signed_paper_for_a_person_without_a_phone(core, shop, staff, browser):
    _, screen = shop
    number = eligible_number(core)
    screen.go("/helper/new-paper").send(national_number="12", **{**PERSON, "name": ""})
    assert screen.status == 422
    screen.send(national_number=number, name=PERSON["name"])
    consent = consent_on(screen)
    prove_newest_member(core)
    assert screen.path == f"/helper/people/{consent}"
    person = screen.path
    assert number not in screen.go(f"{person}/form").text
    assert "مكتبة الياسمين" in screen.text
    screen.go(f"{person}/ask?service=passport-renewal")
    assert screen.path == person  # no photo yet
    screen.go(person).send_file_to_a_crowd().send_file(b"MZ" + b"x" * 2000)
    assert screen.status == 422
    assert 'id="file-error"' in screen.text
    screen.go(person).send_file(b"\xff\xd8\xff" + b"\0" * (11 * 1024 * 1024))
    assert (screen.status, "10 م" in screen.text) == (422, True)  # told on the page, not by a closed door
    screen.go(person).send_file(a_photo())
    assert screen.path == f"{person}?photo=1", screen.text
    screen.go(f"{person}/ask?service=passport-renewal").send()
    assert screen.path == f"{person}?new=1", screen.text
    with core.sessions() as session:
        mine = select(Request.reference).where(Request.account_id == owner_of(core, consent).id)
        reference = session.scalars(mine).one()
    assert screen.go(f"{person}/receipt").status == 200
    assert a_helper_knows_nothing_of(screen, reference)
    assert screen.go(f"{person}/form").path == person  # used: nothing to sign any more

    officer = staff(Role.REVIEWER)
    officer.go(f"/desk/reviews/{reference}")
    assert PERSON["name"] in officer.text
    assert officer.go(f"/desk/reviews/{reference}/paper/0").status == 200
    assert officer.go(f"/desk/reviews/{reference}/paper/7").status == 404
    officer.go(f"/desk/reviews/{reference}").send(decision="bad_paper", note="the reference is another one")
    assert officer.path == "/desk"
    assert "لم تُقبل الورقة" in screen.go(person).text
    browser.go("/status").send(reference=reference, national_number=number)
    assert "لم تُقبل الورقة" in browser.text
    assert "سعاد" not in browser.text
    clerk = staff(Role.OFFICER, "aleppo")  # any counter tells the person why
    assert "the reference is another one" in clerk.go(f"/desk/ask/{reference}").text


def a_helper_knows_nothing_of(screen, reference):
    """The case and its paper are the desk's alone."""
    return {screen.go(f"/desk/reviews/{reference}{rest}").status for rest in ("", "/paper/0")} == {403}
