"""From nothing to a pass and back, as people do it: on a phone or a desk, in two languages, with scripts or without."""

from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.screens import on_screens

FEWEST_TAPS = 6
"""From the services to the receipt, for one person; each further person is one more. With one question a page: 13."""
WORDS = {
    "ar": {"arrived": "وصل طلبك", "first": "نلت موعدًا في اختيارك الأول.", "confirmed": "مؤكّد", "over": "ملغى"},
    "en": {
        "arrived": "Your request has arrived",
        "first": "You got an appointment at your first choice.",
        "confirmed": "Confirmed",
        "over": "Cancelled",
    },
}


@on_screens("arabic-phone-scriptless", "english-desk-dark")
def test_a_citizen_goes_from_registration_to_a_pass_and_cancels(visit, site, screen):
    site.announce("2026-11-02")
    visitor = visit(**screen)
    page, words = visitor.page, WORDS[screen["language"]]
    main, tag = page.locator("main"), page.locator("main .tag").first
    steps.register(visitor)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if screen["language"] == "ar" else "ltr")
    steps.add_person(visitor)
    before = visitor.taps
    request = steps.ask(visitor)
    assert visitor.taps - before == FEWEST_TAPS + 2, "a second office and a day that does not suit are two more"
    expect(main).to_contain_text(words["arrived"])

    site.draw("2026-11-02")

    visitor.open(request)  # a day later the session is over
    steps.sign_in(visitor, "amal")
    expect(main).to_contain_text(words["first"])
    visitor.open("/draws/2026-11-02")
    visitor.open("/me")
    visitor.press()
    expect(tag).to_have_text(words["confirmed"])
    appointment = visitor.path
    visitor.open(f"{appointment}/pass")
    expect(page.locator(".qr svg")).to_be_visible()
    visitor.open(f"{appointment}/move")
    visitor.open(f"{appointment}/cancel")
    visitor.press()
    expect(tag).to_have_text(words["over"])
    visitor.open(request)
    assert len(visitor.seen) > 15
