"""Administrators work on colleagues' accounts and read the log; everyone sees their own sessions."""

import re
from itertools import count

import pytest
from sqlalchemy import select

from booking.people.staff.create import create_staff
from booking.people.staff.views import list_colleagues
from booking.platform.models import Account, AuditEntry
from booking.platform.models.states import Role
from tests.api.pages import people
from tests.support.country import PASSWORD, a_citizen_of_the_register

pytestmark = pytest.mark.neighbours

STAFF = {"boss": Role.ADMINISTRATOR, "chief": Role.ADMINISTRATOR, "nour": Role.OFFICER}
PHONES = count(1)


@pytest.fixture
def signed_in(core, new_browser):
    """Browsers of an administrator and a clerk."""
    for name, role in STAFF.items():
        create_staff(
            core,
            username=name,
            password=PASSWORD,
            phone=f"+9639440{next(PHONES):05d}",
            roles=[role],
            office_code="damascus",
            language="en",
            by=None,
        )

    def make(name):
        browser = new_browser()
        browser.client.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        return browser.go("/sign-in").send(username=name, password=PASSWORD)

    return make


def colleague_page(browser, name):
    browser.go("/admin/staff")
    return re.search(rf'href="(/admin/staff/[0-9a-f-]+)"><bdi>{name}<', browser.text).group(1)


def test_a_colleague_is_added_and_chooses_the_password_alone(core, signed_in, new_browser):
    boss = signed_in("boss")
    who = a_citizen_of_the_register(core)
    boss.go("/admin/staff/new").send(username="sami", phone="0944 555 666", roles=["reviewer"], reason="new", **who)
    assert "You proposed this." in boss.text
    assert who["national_number"] not in boss.text
    assert "sami" not in [one.username for one in list_colleagues(core)]
    boss.send(decision="confirm")
    assert "Another administrator must confirm this" in boss.text
    signed_in("chief").go(boss.path).send(decision="confirm")

    sami = new_browser()
    sami.go("/reset").send(username="sami")
    sami.send(code=people.last_code(sami, "sami"), password="my very own words")
    sami.go("/sign-in").send(username="sami", password="my very own words")
    assert sami.path == "/desk"


def test_missing_fields_are_reported(signed_in):
    boss = signed_in("boss")
    boss.go("/admin/staff/new").send(username="sami", phone="12")
    assert boss.status == 422
    assert "Choose at least one role." in boss.text

    boss.go(colleague_page(boss, "nour")).send(change="close")
    assert boss.status == 422
    assert "Write the reason." in boss.text


def test_closing_an_account_signs_it_out_at_the_next_click(signed_in):
    boss, nour = signed_in("boss"), signed_in("nour")
    assert nour.go("/desk").status == 200

    boss.go(colleague_page(boss, "nour")).send(change="close", reason="left the service")
    assert "Done." in boss.text

    assert nour.go("/desk").path.startswith("/sign-in")
    nour.send(username="nour", password=PASSWORD)
    assert nour.status == 403
    assert "This account is closed" in nour.text


def test_a_new_role_holds_after_signing_in_again(core, signed_in):
    boss, nour = signed_in("boss"), signed_in("nour")
    boss.go(colleague_page(boss, "nour")).send(change="roles", roles=["analyst"], office_code="", reason="new work")
    assert nour.go("/desk").status == 200
    signed_in("chief").go(boss.path).send(decision="confirm")

    assert nour.go("/desk").path.startswith("/sign-in")
    nour.go("/sign-in").send(username="nour", password=PASSWORD)
    assert nour.path == "/analyst"
    assert nour.go("/desk").status == 403
    with core.sessions() as session:
        assert session.scalars(select(Account.office_id).where(Account.username == "nour")).one() is None


def test_nobody_changes_their_own_account(signed_in):
    boss = signed_in("boss")
    boss.go(colleague_page(boss, "boss"))
    assert "This is your own account." in boss.text
    assert not [form for form in boss.forms() if "change" in form.fields or "reason" in form.fields]


@pytest.mark.parametrize("address", ["/admin/staff/nobody", "/admin/staff/00000000-0000-4000-8000-000000000000"])
def test_an_unknown_colleague_is_not_found(signed_in, address):
    assert signed_in("boss").go(address).status == 404


def test_everyone_sees_their_sessions_and_can_end_them(signed_in):
    here, elsewhere, third = signed_in("nour"), signed_in("nour"), signed_in("nour")
    here.go("/me/security")
    assert here.text.count('name="session" value=') == 4  # three, and all but this one
    assert here.text.count("this device") == 1
    assert "/language/ar?back=/me/security" in here.text

    ids = re.findall(r'name="session" value="([0-9a-f]{64})"', elsewhere.go("/me/security").text)
    mine = re.search(r'this device.*?value="([0-9a-f]{64})"', elsewhere.text, re.DOTALL).group(1)
    assert mine in ids
    here.send(session=mine)
    assert here.path == "/me/security"
    assert elsewhere.go("/desk").path.startswith("/sign-in")
    assert third.go("/desk").status == 200

    here.send(session="others")
    assert third.go("/desk").path.startswith("/sign-in")
    assert here.go("/desk").status == 200


def test_nobody_can_end_another_persons_session(signed_in):
    nour, boss = signed_in("nour"), signed_in("boss")
    theirs = re.search(r'value="([0-9a-f]{64})"', boss.go("/me/security").text).group(1)

    nour.go("/me/security").send(session=theirs)

    assert boss.go("/admin").status == 200


@pytest.mark.alone
def test_the_audit_log_is_searched_by_a_form_and_the_search_is_logged(core, signed_in):
    boss = signed_in("boss")
    boss.go("/admin/audit")
    assert "staff.created" not in boss.text

    boss.send(actor="System", action="staff", day="٢٠٢٦-١١-٠١")
    assert boss.status == 200
    assert boss.text.count("staff.created") == 3
    with core.sessions() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert (last.action, last.actor) == ("audit.read", "boss")

    boss.send(day="the day before")
    assert boss.status == 422
    boss.send(actor="nobody", day="")
    assert "Nothing was found." in boss.text
    assert boss.go("/admin/audit/check").status == 200
