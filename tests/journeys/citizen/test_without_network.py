"""A phone without network shows the pass and the plan as they were, and nothing of them once somebody signed out."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking.platform.models import Account, Appointment
from tests.booking.antifraud.gate.people import an_appointment
from tests.journeys import steps
from tests.support.country import PASSWORD

KEPT = """async () => {
  const found = {};
  if (!(await caches.has("mawid-kept"))) return found;
  const kept = await caches.open("mawid-kept");
  for (const one of await kept.keys()) found[new URL(one.url).pathname] = await (await kept.match(one)).text();
  return found;
}"""
NOTE = "[data-kept-note]"
AWAY = "[data-away]"


@pytest.fixture
def holder(visit, site):
    """Somebody with a confirmed appointment, signed in on a phone; and where their pass is."""
    reference, _, _ = an_appointment(site.core)
    with site.core.sessions() as session:
        appointment = session.scalar(select(Appointment).where(Appointment.reference == reference))
        account_id = appointment.request.account_id
        username = session.get_one(Account, account_id).username
    visitor = visit(language="ar", width=320)
    steps.come_signed_in(visitor, account_id, "/me")
    return visitor, f"/appointments/{reference}/pass", username


def test_the_pass_and_the_plan_open_without_network_until_signing_out(holder):
    visitor, pass_path, username = holder
    page = visitor.page
    visitor.open(pass_path)
    expect(page.locator(NOTE)).to_be_visible()
    expect(page.locator(AWAY)).to_be_hidden()
    names = page.locator("dl dd").last.inner_text()
    visitor.open("/plan/passport-renewal")
    expect(page.locator(NOTE)).to_be_visible()
    visitor.look()
    kept = page.evaluate(KEPT)
    assert {pass_path, "/plan/passport-renewal", "/without-network", "/static/mawid.css"} == set(kept)
    assert not any("csrf" in text or "<form" in text or "<script" in text for text in kept.values())

    page.context.set_offline(True)
    page.goto(visitor.site.address + pass_path)
    expect(page.locator(AWAY)).to_contain_text("لا شبكة الآن")
    expect(page.locator(AWAY)).to_contain_text("9:00")
    expect(page.locator(".qr svg")).to_be_visible()
    expect(page.locator("dl dd").last).to_have_text(names)
    expect(page.locator("nav")).to_have_count(2)
    expect(page.locator("nav:visible")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.querySelector('header')).borderBottomWidth") == "1px"
    visitor.look()
    page.goto(visitor.site.address + "/")
    page.locator("main li a", has_text="خطة").click()
    expect(page.locator("main ol.cards li").first).to_be_visible()
    expect(page.locator(AWAY)).to_be_visible()

    page.context.set_offline(False)
    visitor.open(pass_path)
    expect(page.locator(AWAY)).to_be_hidden()
    visitor.open("/sign-out")
    page.locator("main button").click()
    page.wait_for_url(f"{visitor.site.address}/")
    assert page.evaluate(KEPT) == {}
    page.context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto(visitor.site.address + pass_path)

    page.context.set_offline(False)
    visitor.open(f"/sign-in?next={pass_path}")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.locator("main button").click()
    expect(page.locator(NOTE)).to_be_visible()
    assert pass_path in page.evaluate(KEPT)
    visitor.open("/sign-in")  # the next person at this phone
    page.fill("#username", "somebody")
    page.fill("#password", PASSWORD)
    page.locator("main button").click()
    expect(page.locator("#error-summary")).to_be_visible()
    assert page.evaluate(KEPT) == {}


def test_a_kept_page_is_gone_when_its_day_is_over(holder):
    visitor, pass_path, _ = holder
    page = visitor.page
    visitor.open(pass_path)
    expect(page.locator(NOTE)).to_be_visible()
    page.evaluate(
        """async (path) => {
             const kept = await caches.open("mawid-kept");
             const answer = await kept.match(path);
             const over = new Headers(answer.headers);
             over.set("X-Until", Date.now() - 1);
             await kept.put(path, new Response(await answer.text(), { headers: over }));
           }""",
        pass_path,
    )
    page.context.set_offline(True)
    page.goto(visitor.site.address + pass_path)
    expect(page.locator("h1")).to_have_text("لا شبكة")
    expect(page.locator("main li")).to_have_count(0)
