"""Somebody looks for a service in their own spelling and reads what it needs, on a phone without JavaScript."""

from playwright.sync_api import expect

from tests.journeys.screens import on_screens

SOUGHT = {"ar": "تامين السياره", "en": "compulsary car insurence"}


@on_screens("arabic-phone-scriptless", "english-phone-dark-scriptless")
def test_a_visitor_finds_a_service_and_reads_its_page(visit, site, screen):
    language = screen["language"]
    sought = SOUGHT[language]
    name = site.core.pack.service("compulsory-car-insurance").name
    visitor = visit(**screen)
    visitor.open("/")
    visitor.page.locator("#q").fill(sought)
    visitor.press()
    found = visitor.page.locator("main ol a strong").first
    expect(found).to_have_text(name[language])
    expect(visitor.page.locator("#q")).to_have_value(sought)

    for other in ("en" if language == "ar" else "ar", language):
        visitor.page.locator("header details:has(a[hreflang]) summary").click()
        visitor.follow(f'header a[hreflang="{other}"]')
        expect(visitor.page.locator("main ol a strong").first).to_have_text(name[other])

    visitor.follow("main ol a")
    expect(visitor.page.locator("h1")).to_have_text(name[language])
    visitor.open("/services/travel-permission")
    visitor.follow('a[href="/services/study-deferral"]')
    visitor.follow("a.back")
    expect(visitor.page.locator("#conscription")).to_be_in_viewport()


def test_a_search_without_results_leads_to_the_groups(visit):
    visitor = visit(language="ar", width=320, scripts=False)
    visitor.open("/services?q=طيران")
    expect(visitor.page.locator("main ol")).to_have_count(0)
    visitor.follow('a[href="#health"]')
    expect(visitor.page.locator("#health")).to_be_in_viewport()
