"""The short check of a challenged request: this device computes, or a code comes to the phone."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from booking.antifraud.gate.versions import publish_limits
from booking.platform.models import Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.requests.views import request_view
from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import a_request, last_secret, put_rules_in_force

EVERYONE = """
[[rule]]
name = "everyone"
when = "party_size >= 1"
then = "challenge"
say.ar = "نطلب من الجميع اليوم خطوة تأكيد قصيرة."
say.en = "Today we ask everyone for one short check."
"""
WORDS = {
    "ar": {
        "compute": "بدء العملية على هذا الجهاز",
        "working": "العملية جارية على جهازك",
        "failed": "لم ينجح ذلك على هذا الجهاز",
        "wrong": "نتيجة العملية الحسابية غير صحيحة",
        "send": "إرسال رمز إليّ",
        "enter": "إرسال الرمز",
        "waits": "ينتظر القرعة",
    },
    "en": {
        "compute": "Start the check on this device",
        "working": "This device is computing",
        "failed": "That did not work on this device",
        "wrong": "The computation does not fit",
        "send": "Send me a code",
        "enter": "Send the code",
        "waits": "Waits for the draw",
    },
}
NEVER_SOLVED = """() => {
    const form = document.getElementById("proof"), status = document.getElementById("proof-status");
    const challenge = JSON.parse(form.dataset.challenge);
    challenge.parameters.keyPrefix = "no key begins so";
    form.dataset.challenge = JSON.stringify(challenge);
    window.said = []; window.ticks = 0;
    setInterval(() => { window.ticks += 1; }, 1);
    new MutationObserver(() => window.said.push([status.textContent, window.ticks])).observe(status, {childList: true});
}"""
FORGED = """() => {
    const form = document.getElementById("proof"), challenge = JSON.parse(form.dataset.challenge);
    challenge.parameters.data.for = "someone else";
    form.dataset.challenge = JSON.stringify(challenge);
}"""


@pytest.fixture
def challenged(site):
    """An account with a request that needs a check, and little to compute."""
    put_rules_in_force(site.core, source=EVERYONE)
    publish_limits(site.core, changes={"proof_tries": 40})
    account, asked = a_request(site.core)
    with site.core.sessions.begin() as session:
        session.execute(update(Verdict).values(score=0.0))
    return account, asked.reference


@pytest.fixture
def state(site, challenged):
    """Return the request's state."""
    return lambda: request_view(site.core, *challenged).state


@pytest.fixture
def arrive(visit, challenged):
    """Sign in on some screen and open the request."""
    account, reference = challenged

    def make(**screen):
        visitor = visit(**screen)
        steps.come_signed_in(visitor, account, f"/requests/{reference}")
        return visitor, WORDS[screen["language"]]

    return make


@on_screens("arabic-phone", "english-desk-dark")
def test_the_device_computes_and_the_request_waits_for_the_draw(arrive, state, screen):
    visitor, words = arrive(**screen)
    expect(visitor.page.get_by_role("button", name=words["send"])).to_be_visible()

    visitor.page.get_by_role("button", name=words["compute"]).click()

    expect(visitor.page.locator("main .tag").first).to_have_text(words["waits"])
    visitor.look()
    assert state() is RequestState.ACCEPTED


@on_screens("english-phone-scriptless", "arabic-desk-dark-scriptless")
def test_without_scripts_a_code_is_sent_to_the_phone(arrive, state, site, challenged, screen):
    visitor, words = arrive(**screen)
    expect(visitor.page.get_by_text(words["compute"])).to_be_hidden()

    visitor.page.get_by_role("button", name=words["send"]).click()
    visitor.look()
    visitor.page.fill("#code", last_secret(site.core, challenged[0], "challenge"))
    visitor.page.get_by_role("button", name=words["enter"]).click()
    visitor.look()

    expect(visitor.page.locator("main .tag").first).to_have_text(words["waits"])
    assert state() is RequestState.ACCEPTED


def test_only_the_code_is_offered_where_the_browser_cannot_compute(arrive):
    visitor, words = arrive(language="en", width=320)
    visitor.page.add_init_script("Object.defineProperty(window.crypto, 'subtle', {value: undefined})")
    visitor.open(visitor.path)
    expect(visitor.page.get_by_text(words["compute"])).to_be_hidden()
    expect(visitor.page.get_by_role("button", name=words["send"])).to_be_visible()


@on_screens("english-phone-dark", "arabic-phone")
def test_failed_and_forged_computations_are_shown_and_change_nothing(arrive, state, screen):
    visitor, words = arrive(**screen)
    visitor.page.evaluate(NEVER_SOLVED)
    visitor.page.get_by_role("button", name=words["compute"]).click()

    expect(visitor.page.locator("#proof-status")).to_contain_text(words["failed"])
    visitor.look()
    said = visitor.page.evaluate("window.said")
    assert said[0][0].startswith(words["working"])
    assert len(said) == 5  # beginning, three quarters, the end
    ticks = [ticks for _, ticks in said]
    assert ticks == sorted(ticks)
    assert ticks[-1] > ticks[0]
    visitor.page.get_by_role("button", name=words["compute"]).click()  # and again, as often as one likes
    expect(visitor.page.locator("#proof-status")).to_contain_text(words["failed"])

    visitor.open(visitor.path)
    visitor.page.evaluate(FORGED)
    visitor.page.get_by_role("button", name=words["compute"]).click()

    expect(visitor.page.locator("#error-summary")).to_be_focused()
    expect(visitor.page.locator("#error-summary")).to_contain_text(words["wrong"])
    visitor.look()
    assert state() is RequestState.CHALLENGED
