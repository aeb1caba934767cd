"""One shows who one is in a real browser: by the card's number, by a code, by the state's sign-in."""

from playwright.sync_api import expect

from booking.people.registers.synthetic import CODE, Enrolled, serial_of
from booking.platform.models.identity import ProofKind
from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import BORN, an_account, eligible_number
from tests.support.provider import as_the_states, running

NAME = "أمل الخيالية"


def add_somebody_unproven(visitor):
    """Add a person whom the register knows; return their number and the page of their proofs."""
    core, page = visitor.site.core, visitor.page
    number = eligible_number(core)
    core.register.enrol(number, Enrolled(NAME, BORN))
    steps.come_signed_in(visitor, an_account(core), "/household/add")
    page.fill("#name", NAME)
    page.fill("#national_number", number)
    for part, value in (("day", "17"), ("month", "5"), ("year", "1990")):
        page.fill(f"#birth_{part}", value)
    visitor.press()
    member = page.locator("a[href$='/remove']").first.get_attribute("href").split("/")[2]
    return number, f"/household/{member}/prove"


@on_screens("english-desk-dark", "arabic-phone-scriptless")
def test_a_person_is_proven_by_the_number_of_the_card(visit, screen):
    amal = visit(**screen)
    number, prove = add_somebody_unproven(amal)
    amal.open(f"{prove}?next=/ask")
    amal.press()  # no way is chosen
    expect(amal.page.locator("#error-summary")).to_be_visible()
    amal.page.check("input[value=card]")
    amal.press()
    amal.page.fill("#serial", "C00000000")
    amal.press()
    expect(amal.page.locator("#serial")).to_have_value("C00000000")
    amal.page.fill("#serial", serial_of(number, ProofKind.CARD))
    amal.press()
    assert amal.path.startswith("/ask")
    amal.open(prove)
    expect(amal.page.locator("main .summary.good")).to_be_visible()


@on_screens("arabic-phone-scriptless", "english-desk-dark")
def test_a_person_is_proven_by_a_code_to_the_registers_phone(visit, screen):
    amal = visit(**screen)
    _, prove = add_somebody_unproven(amal)
    amal.open(prove)
    amal.page.check("input[value=phone]")
    amal.press()
    amal.press()
    amal.page.fill("#code", CODE)
    amal.press()
    assert amal.path == prove
    expect(amal.page.locator("main .summary.good")).to_be_visible()
    amal.follow("main a[href='/me/people-acting-for-me']")


@on_screens("english-desk-dark", "arabic-phone-scriptless")
def test_a_person_is_proven_by_the_states_sign_in(visit, site, screen):
    with running(site.clock) as provider:
        as_the_states(site, provider)
        amal = visit(**screen)
        number, prove = add_somebody_unproven(amal)
        amal.open(f"{prove}?next=/ask")
        amal.page.check("input[value=state]")
        amal.press()
        provider.claims = {"national_number": number, "name": "سعاد الخيالية", "birthdate": BORN.isoformat()}
        amal.follow("main a.button")
        expect(amal.page.locator("#error-summary a")).to_have_attribute("href", prove.replace("prove", "edit"))
        provider.claims["name"] = NAME
        amal.follow("main a.button")
        assert amal.path.startswith(prove)
        expect(amal.page.locator("main .summary.good")).to_be_visible()
        amal.follow("main a.button")
        assert amal.path.startswith("/ask")
