"""Staff sign in by two steps, on a small phone without scripts; an administrator works in the dark."""

from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from booking.platform.base.settings import SecondFactor
from booking.platform.models import Account
from booking.platform.models.states import Role
from booking.scheduling.urgent.claim import claim
from tests.journeys import steps
from tests.support.country import a_colleague
from tests.support.file_places import with_files_in
from tests.support.urgent_cases import a_case_with_officers, stored


@pytest.fixture
def required(site):
    settings = site.core.settings.model_copy(update={"staff_second_factor": SecondFactor.REQUIRED})
    object.__setattr__(site.core, "settings", settings)


def colleague(site, *roles):
    """A colleague's user name and id."""
    account_id = a_colleague(site.core, *roles, office="damascus")
    with site.core.sessions() as session:
        return session.get_one(Account, account_id).username, account_id


def test_a_clerk_sets_up_the_second_step_and_uses_it(visit, site, required):
    name, _ = colleague(site, Role.OFFICER)
    visitor = visit(language="ar", width=320, scripts=False)
    visitor.open("/sign-in")
    steps.sign_in(visitor, name)
    assert visitor.path == "/sign-in/set-up"
    assert not visitor.page.locator("#passkey").is_visible()
    app = pyotp.TOTP(visitor.page.locator("main li strong").inner_text().replace(" ", ""))
    visitor.press()
    expect(visitor.page.locator("#error-summary")).to_contain_text("هذا الرمز غير مطابق")
    visitor.page.fill("#code", app.at(site.clock.now()))
    visitor.press()
    codes = visitor.page.locator("main li strong").all_inner_texts()
    visitor.follow("main a.button")
    assert visitor.path == "/desk"

    site.clock.advance(timedelta(minutes=1))
    later = visit(language="en", width=1280, dark=True)
    later.open("/sign-in")
    steps.sign_in(later, name)
    assert later.path == "/sign-in/second-step"
    later.page.fill("#code", codes[0])
    later.press()
    assert later.path == "/desk"
    later.open("/me/security")
    expect(later.page.locator("main")).to_contain_text("9 of your recovery codes are left.")

    visitor.open("/me/security")
    visitor.page.locator("main form:has(button[value=others]) button").click()
    visitor.look()
    later.open("/desk")
    assert later.path.startswith("/sign-in")


def test_a_supervisor_hands_over_the_cases_of_an_absent_officer(visit, site, tmp_path):
    object.__setattr__(site.core, "files", with_files_in(site.core, tmp_path / "evidence").files)
    _, away_id = colleague(site, Role.OFFICER)
    _, takes_id = colleague(site, Role.OFFICER)
    _, boss = colleague(site, Role.SUPERVISOR)
    case = a_case_with_officers(site.core)
    claim(site.core, officer_id=away_id, reference=case.reference)
    visitor = visit(language="ar", width=320)
    steps.come_signed_in(visitor, boss, "/desk/urgent")
    visitor.follow("a[href='/desk/handover']")
    visitor.page.select_option("#held_by", str(away_id))
    visitor.page.select_option("#to", str(takes_id))
    visitor.press()
    expect(visitor.page.locator("#error-summary")).to_contain_text("اكتب السبب")
    visitor.page.fill("#reason", "إجازة مرضية")
    visitor.press()
    expect(visitor.page.locator("[role=status]")).to_contain_text("سُلّم طلب واحد")
    assert stored(site.core, case.reference).assigned_to == takes_id


def test_an_administrator_adds_changes_and_searches(visit, site):
    _, boss = colleague(site, Role.ADMINISTRATOR)
    name, account_id = colleague(site, Role.OFFICER)
    visitor = visit(language="en", width=1280, dark=True)
    steps.come_signed_in(visitor, boss, "/admin")
    for path in ("/admin/staff", "/admin/staff/new", "/admin/audit/check"):
        visitor.open(path)
    visitor.open(f"/admin/staff/{account_id}")
    visitor.page.locator("button[value=close]").click()
    visitor.look()
    visitor.page.fill("#reason", "Left the service")
    visitor.page.locator("button[value=close]").click()
    visitor.look()
    expect(visitor.page.locator("[role=status]")).to_contain_text("Done.")
    visitor.open("/admin/audit")
    visitor.page.fill("#action", "staff")
    visitor.press()
    expect(visitor.page.locator("tbody tr").first).to_contain_text(name)
