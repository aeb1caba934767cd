"""An analyst changes a quota, mends a fault, tries it on a draw; a second one puts it in force and takes it back."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from booking.scheduling.quotas import trial_work
from tests.journeys.workbench.test_rules import sit_down
from tests.support.country import a_request


@pytest.fixture
def drawn(site):
    """A draw that was published, in which people asked."""
    for _ in range(6):
        a_request(site.core)
    site.announce("2026-11-02")
    site.draw("2026-11-02")


def to_quotas(visit, site, language, **screen):
    return sit_down(visit, site, language, "/analyst/quotas", **screen)


def change_damascus(author):
    """Type shares that lack something, see it at the field, mend it and save."""
    page = author.page
    page.locator("a[href$='/rows/office.damascus']").click()
    page.wait_for_url("**/rows/office.damascus")  # and the script that looks at what is typed is there
    page.fill("#draw", "60")
    expect(page.locator("#draw-error")).to_contain_text("ينقص 10%")
    expect(page.locator("#split")).to_be_hidden()
    author.look()
    page.click("button[value=save]")
    expect(page.locator("#error-summary")).to_contain_text("مجموع النسب 90%")
    page.fill("#draw", "75")
    page.fill("#instant", "5")
    expect(page.locator("#draw-error")).to_have_count(0)
    page.click("button[value=save]")
    page.wait_for_url("**saved=office.damascus*")
    expect(page.locator(".differences li")).to_have_count(1)
    author.look()


def try_it(author, site, draft):
    """Ask what the last draw would have been; the page looks again by itself."""
    page = author.page
    author.open(f"/analyst/quotas/what-if?draft={draft.rpartition('/')[2]}")
    page.locator("main form button").click()
    page.wait_for_url("**/analyst/quotas/trials/*")
    expect(page.locator("progress")).to_be_visible()
    trial_work.run(site.core, UUID(author.path.rpartition("/")[2]))
    expect(page.locator("h1 .good")).to_be_visible()
    author.look()


def test_a_quota_is_corrected_activated_and_rolled_back(visit, site, drawn):
    """The author writes in Arabic, checked while typing; the colleague reads English, on a phone without scripts."""
    author = to_quotas(visit, site, "ar", width=1280)
    page = author.page
    page.locator("form[action='/analyst/quotas/drafts'] button").click()
    page.wait_for_url("**/analyst/quotas/drafts/*")
    author.look()
    draft = author.path
    change_damascus(author)
    try_it(author, site, draft)
    author.open(draft)
    page.locator("details:has(button[value=propose]) summary").click()
    page.fill("#reason", "Many wait in Damascus")
    page.click("button[value=propose]")
    page.wait_for_url("**/analyst/quotas/2")
    author.look()
    page.fill("#reason", "Now")
    page.click("button[value=activate]")
    expect(page.locator("#error-summary")).to_be_visible()

    colleague = to_quotas(visit, site, "en", width=360, dark=True, scripts=False)
    colleague.open("/analyst/quotas/2")
    expect(colleague.page.locator(".differences li")).to_contain_text("Damascus")
    colleague.page.fill("#reason", "It looks right")
    colleague.page.click("button[value=activate]")
    expect(colleague.page.locator("h1 .good")).to_be_visible()
    colleague.look()
    colleague.open("/analyst/quotas")
    colleague.page.locator("#back summary").click()
    colleague.page.fill("#reason", "Walk-ins complained")
    colleague.page.locator("#back button").click()
    colleague.page.wait_for_url("**/analyst/quotas/1")
    colleague.look()
    expect(colleague.page.locator("h1 .good")).to_be_visible()


def test_suggestions_and_the_map_are_read_on_a_small_dark_phone(visit, site, drawn):
    analyst = to_quotas(visit, site, "ar", width=320, dark=True, scripts=False)
    analyst.open("/analyst/quotas/suggestions")
    analyst.page.fill("#counters", "99")
    analyst.page.locator("main form button").click()
    expect(analyst.page.locator("#counters-error")).to_be_visible()
    analyst.look()
    analyst.page.fill("#counters", "2")
    analyst.page.locator("main form button").click()
    analyst.page.wait_for_url("**/analyst/quotas/trials/*")
    analyst.look()
    trial_work.run(site.core, UUID(analyst.path.rpartition("/")[2]))
    analyst.open(analyst.path)
    expect(analyst.page.locator("#counters")).to_be_visible()
    analyst.open("/analyst/quotas/map?draw=2026-11-02")
    expect(analyst.page.locator("svg.map circle").first).to_be_visible()
    site.announce("2026-11-03")
    analyst.open("/analyst/quotas/what-if")
    expect(analyst.page.locator("[role=note]")).to_contain_text("2026-11-03")
