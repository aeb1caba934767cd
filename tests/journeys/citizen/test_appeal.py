"""An appeal: the officer who refused cannot answer; a colleague does, by keyboard; the person reads the answer."""

import re

from playwright.sync_api import expect

from booking.platform.models.states import Role
from booking.scheduling.requests.review import decide_review
from tests.booking.antifraud.gate.people import under_review
from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import a_colleague

WORDS = {
    "ar": {
        "appeal": "نحن أختان ولسنا شخصًا واحدًا",
        "answer": "رأيت البطاقتين: هما أختان",
        "by": "آخر يوم للجواب",
        "other": "زميل",
    },
    "en": {
        "appeal": "We are two sisters, not one person",
        "answer": "I saw both cards: they are sisters",
        "by": "Answer by",
        "other": "A colleague must decide this appeal",
    },
}


@on_screens("arabic-phone", "english-desk-dark")
def test_an_appeal_is_answered_by_a_colleague_and_read_by_the_person(visit, site, screen):
    core, language = site.core, screen["language"]
    words = WORDS[language]
    account, reference = under_review(core)
    refuser, colleague = a_colleague(core, Role.REVIEWER), a_colleague(core, Role.REVIEWER)
    decide_review(core, officer_id=refuser, reference=reference, accept=False, note="One person, I think")

    person = visit(**screen)
    steps.come_signed_in(person, account, f"/requests/{reference}")
    expect(person.page.locator("main")).to_contain_text("One person, I think")
    person.follow(f"a[href='/requests/{reference}/appeal']")
    person.press()
    expect(person.page.locator("#error-summary")).to_be_focused()
    person.page.fill("#words", words["appeal"])
    person.press()
    assert person.path.partition("?")[0] == f"/requests/{reference}"

    first = visit(language=language, width=1280)
    steps.come_signed_in(first, refuser, f"/desk/reviews/{reference}")
    first.page.fill("#note", "As I said")
    first.press()
    expect(first.page.locator("#error-summary")).to_contain_text(words["other"])
    expect(first.page.locator("#note")).to_have_value("As I said")

    other = visit(language=language, width=1280)
    steps.come_signed_in(other, colleague, "/desk")
    expect(other.page.locator("main li").first).to_contain_text(words["by"])
    keys = other.page.keyboard
    for key in ("j", "Enter"):
        keys.press(key)
    expect(other.page.locator("blockquote")).to_contain_text(words["appeal"])
    assert other.page.locator("button[value=challenge]").count() == 0
    other.look()
    keys.press("n")
    keys.type(words["answer"])
    keys.press("Escape")
    keys.press("a")
    expect(other.page).to_have_url(re.compile("/desk$"))  # the answer is kept once this page comes
    expect(other.page.locator("main li a[data-case]")).to_have_count(0)

    person.open("/outbox")
    expect(person.page.locator("main")).to_contain_text("قُبل اعتراضك")  # in the language of the account
    person.open(f"/requests/{reference}")
    expect(person.page.locator("main")).to_contain_text(words["answer"])
