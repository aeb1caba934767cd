"""An analyst writes a rule, mends what it points at, tries it; a second one puts it in force and takes it back."""

from playwright.sync_api import expect

from booking.antifraud.gate.study_runs import run_study
from tests.journeys import steps
from tests.support.country import a_request, an_analyst

RULE = """[[rule]]
name = "many-on-one-phone"
when = "people_on_fone_30d > 8"
then = "challenge"
say.ar = "كثيرون"
say.en = "Many"
"""


def sit_down(visit, site, language, path="/analyst/rules", **screen):
    visitor = visit(language=language, **screen)
    steps.come_signed_in(visitor, an_analyst(site.core), path)
    return visitor


def test_a_rule_is_corrected_activated_and_rolled_back(visit, site):
    """The author writes in Arabic, checked while typing; the colleague reads English, on a phone without scripts."""
    a_request(site.core)
    author = sit_down(visit, site, "ar", width=1280)
    page = author.page
    page.locator("main form button").nth(1).click()
    page.wait_for_url("**/analyst/rules/drafts/*")
    page.fill("#source", RULE)
    expect(page.locator("#faults")).to_contain_text("هل قصدت")
    author.look()
    page.fill("#source", RULE.replace("fone", "phone"))
    expect(page.locator("#faults")).to_contain_text("القواعد سليمة.")
    page.locator("details:has(button[value=try]) summary").click()
    page.click("button[value=try]")
    page.wait_for_url("**/analyst/studies/*")
    run_study(site.core, author.path.rpartition("/")[2])
    author.open(author.path)
    expect(page.locator("#rules tbody tr")).to_have_count(1)
    page.click("a.back")
    page.wait_for_url("**/analyst/rules/drafts/*")
    page.locator("details:has(button[value=propose]) summary").click()
    page.fill("#reason", "Brokers share phones")
    page.click("button[value=propose]")
    expect(page.locator("button[value=shadow]")).to_be_visible()
    author.look()
    version = author.path
    page.fill("#reason", "Look first")
    page.click("button[value=shadow]")
    expect(page.locator("h1 .act")).to_be_visible()
    page.fill("#reason", "Now")
    page.click("button[value=activate]")
    expect(page.locator("#error-summary")).to_be_visible()

    colleague = sit_down(visit, site, "en", width=360, dark=True, scripts=False)
    colleague.open(version)
    colleague.page.fill("#reason", "It looks right")
    colleague.page.click("button[value=activate]")
    colleague.look()
    expect(colleague.page.locator("h1 .good")).to_be_visible()
    colleague.open("/analyst/rules")
    colleague.page.locator("#back summary").click()
    colleague.page.fill("#reason", "Families complained")
    colleague.page.locator("#back button").click()
    colleague.look()
    assert colleague.path == "/analyst/rules/1"
    expect(colleague.page.locator("h1 .good")).to_be_visible()
