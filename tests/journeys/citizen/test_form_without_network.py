"""What is typed outlives the network: it is kept sealed, is there again on the way back, and goes when it should."""

import pytest
from playwright.sync_api import expect

from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.rows import read_answers_of
from booking.platform.models import Account
from booking.platform.models.states import Door
from tests.journeys import steps
from tests.support.country import PASSWORD, a_member, an_account
from tests.support.online_cases import INSURANCE, a_caseworker, stored, valid_answers

TYPED = """async () => {
  const found = {};
  if (!(await caches.has("mawid-typed"))) return found;
  const kept = await caches.open("mawid-typed");
  for (const one of await kept.keys()) found[new URL(one.url).pathname] = await (await kept.match(one)).text();
  return found;
}"""
OVER = """async () => {
  const kept = await caches.open("mawid-typed");
  for (const one of await kept.keys()) {
    const body = await (await kept.match(one)).blob();
    await kept.put(one, new Response(body, { headers: { "X-Until": Date.now() - 1 } }));
  }
}"""
READY = """async () => {
  const kept = navigator.serviceWorker.controller && (await caches.open("mawid-kept"));
  return Boolean(kept && (await kept.match("/without-network/form")));
}"""
KEPT, BACK = "[data-typed=kept]", "[data-typed=back]"
PRIVATE = "#answer-number"
MODEL = "كيا ريو"


@pytest.fixture
def driver(visit, site):
    """Somebody on a phone, signed in, in the middle of the form of an insurance; and the path of its text question."""
    core = site.core
    a_caseworker(core, core.pack.service(INSURANCE).agency)
    account = an_account(core, door=Door.HOME)
    reference = begin_case(core, account_id=account, service=INSURANCE, member_id=a_member(core, account))
    answers = valid_answers(core, core.pack.service(INSURANCE))
    keep_answers(
        core, account_id=account, reference=reference, answers={k: v for k, v in answers.items() if k != "make"}
    )
    visitor = visit(language="ar", width=320, dark=True)
    steps.come_signed_in(visitor, account, "/me")
    return visitor, f"/online/cases/{reference}/questions/make", reference


def username_of(core, account):
    with core.sessions() as session:
        return session.get_one(Account, account).username


def answers_of(core, reference):
    return read_answers_of(core.vault, stored(core, reference))


def a_private_question(core, reference):
    """The path of a question whose answer is never kept, in another case of the same account."""
    case, service = stored(core, reference), "driving-licence-renewal"
    a_caseworker(core, core.pack.service(service).agency)
    member = a_member(core, case.account_id)
    another = begin_case(core, account_id=case.account_id, service=service, member_id=member)
    return f"/online/cases/{another}/questions/category"


def type_it(visitor, path, text=MODEL):
    visitor.open(path)
    visitor.page.fill("#answer-make", text)
    expect(visitor.page.locator(KEPT)).to_be_visible()
    steps.wait_until(visitor.page, READY)


def test_typed_text_survives_a_lost_network_until_it_is_sent(driver):
    visitor, path, reference = driver
    page, site = visitor.page, visitor.site
    type_it(visitor, path)
    visitor.look()

    page.context.set_offline(True)
    page.locator("main button").click()
    expect(page.locator("h1")).to_have_text("لا شبكة")
    expect(page.locator("main a.button")).to_have_attribute("href", path)
    visitor.look()
    page.locator("main a.button").click()  # still no network: the same page
    expect(page.locator("h1")).to_have_text("لا شبكة")
    sealed = page.evaluate(TYPED)
    assert list(sealed) == [path]
    assert MODEL not in sealed[path]
    assert "make" not in answers_of(site.core, reference)

    page.context.set_offline(False)
    page.locator("main a.button").click()
    expect(page.locator(BACK)).to_be_visible()
    expect(page.locator("#answer-make")).to_have_value(MODEL)
    visitor.look()
    page.locator("main button").click()
    page.wait_for_url(lambda url: not url.endswith(path))
    assert answers_of(site.core, reference)["make"] == MODEL
    assert page.evaluate(TYPED) == {}


def test_typed_text_is_removed_at_sign_out_or_after_a_day(driver):
    visitor, path, reference = driver
    page, site = visitor.page, visitor.site
    type_it(visitor, path)
    page.evaluate(OVER)
    visitor.open(path)
    expect(page.locator("html[data-typing]")).to_be_attached()
    expect(page.locator("#answer-make")).to_have_value("")
    assert page.evaluate(TYPED) == {}

    type_it(visitor, path)
    page.fill("#answer-make", "01 ٠١٢ ٣٤٥ ٦٧٨")  # a national number, as somebody types it
    expect(page.locator(KEPT)).to_be_hidden()
    assert page.evaluate(TYPED) == {}

    private = a_private_question(site.core, reference)
    for _ in range(2):
        visitor.open(private)
        expect(page.locator("html[data-typing]")).to_be_attached()
        expect(page.locator(PRIVATE)).to_have_value("")
        page.locator(PRIVATE).press_sequentially("12345")
    assert page.evaluate(TYPED) == {}

    type_it(visitor, path)
    visitor.open("/sign-out")
    page.locator("main button").click()
    page.wait_for_url(f"{site.address}/")
    assert page.evaluate(TYPED) == {}

    stranger, another = (an_account(site.core, door=Door.HOME) for _ in range(2))
    for account in (stranger, another):
        a_member(site.core, account)
    visitor.open("/sign-in?next=/ask/begin/passport-renewal")
    page.fill("#username", username_of(site.core, stranger))
    page.fill("#password", PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/ask/people")
    page.locator("input[name=reason]").first.check()
    expect(page.locator(KEPT)).to_be_visible()
    assert list(page.evaluate(TYPED)) == ["/ask/people"]
    visitor.open("/sign-in?next=/ask/begin/passport-renewal")
    steps.sign_in(visitor, username_of(site.core, another))
    expect(page.locator("html[data-typing]")).to_be_attached()
    assert page.locator("input[name=reason]:checked").count() == 0
    assert page.evaluate(TYPED) == {}
