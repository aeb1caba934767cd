"""The counter as staff see it: a tablet in Arabic, an office PC in English."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from booking.country.catalogue.views import local_day
from booking.desk.counter.closing import plan
from booking.platform.models.states import AppointmentState, Role
from tests.booking.desk.counter.visits import Visit, a_visit
from tests.journeys import steps
from tests.journeys.visitor import Site, Visitor
from tests.support.country import a_colleague, eligible_number


@pytest.fixture
def visits(site) -> list[Visit]:
    """Three people of today."""
    found = [a_visit(site.core, name=name) for name in ("أمل الخيالية", "سامر الافتراضي", "ليلى النموذجية")]
    site.clock.set(found[0].starts_at)
    return found


def sit_down(visit, site: Site, role: Role = Role.OFFICER, **screen) -> Visitor:
    """Sign a member of the office's staff in, at the counter."""
    visitor = visit(**screen)
    steps.come_signed_in(visitor, a_colleague(site.core, role, office="damascus"), "/desk/today")
    return visitor


def test_a_clerk_checks_people_in_with_the_scanner_alone(visit, site, visits):
    visitor = sit_down(visit, site, language="ar", width=1024)
    field = visitor.page.locator("#text")
    expect(field).to_be_focused()
    for scanned, words in (
        (visits[0].scanned, "سُجّل الحضور"),
        (visits[0].scanned, "سُجّل الحضور من قبل"),
        ("A" * 133, "ليست بطاقة"),
    ):
        visitor.page.keyboard.type(scanned)
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("#arrival h2")).to_contain_text(words)
        visitor.look()
        expect(field).to_be_focused()
    assert visits[0].row.state is AppointmentState.CHECKED_IN


def test_a_clerk_searches_checks_in_and_serves_without_scripts(visit, site, visits):
    visitor = sit_down(visit, site, language="en", width=1280, dark=True, scripts=False)
    page = visitor.page
    page.fill("#text", "الإفتراضي سامر")
    page.get_by_role("button", name="Search").click()
    visitor.look()
    page.locator("table").first.get_by_role("button", name="Check in").click()
    visitor.look()
    expect(page.locator("#arrival")).to_contain_text("سامر الافتراضي")
    visitor.open(f"/desk/today/{visits[1].reference}")
    page.get_by_role("button", name="Served").click()
    visitor.look()
    assert visitor.path == "/desk/today"
    assert visits[1].row.state is AppointmentState.SERVED
    visitor.open("/desk/today?show=served")
    assert page.locator("tbody tr").count() == 1


def test_an_office_closes_for_a_day_and_people_see_where_they_go(visit, site, visits):
    day = local_day(visits[0].row.office, visits[0].starts_at)
    site.clock.advance(-timedelta(days=2))
    supervisor = sit_down(visit, site, Role.SUPERVISOR, language="en", width=1280, dark=True)
    page = supervisor.page
    supervisor.follow("text=Close the office for a day")
    page.fill("#day", day.isoformat())
    page.check("#how")
    supervisor.press()
    expect(page.locator("#error-summary")).to_contain_text("Write a note.")
    page.fill("#note", "No power on that day")
    supervisor.press()
    closure = supervisor.path.removeprefix("/desk/closing/")
    plan(site.core, UUID(closure))
    expect(page.locator("tbody tr")).to_have_count(len(visits))  # the page looks again by itself
    supervisor.look()
    page.get_by_role("button", name=f"Close and move {len(visits)} people").click()
    expect(page.locator("#error-summary")).to_contain_text("Tick the box")
    page.check("#people")
    page.get_by_role("button", name=f"Close and move {len(visits)} people").click()
    supervisor.look()
    expect(page.locator("main .tag").first).to_have_text("Carried out")
    assert all(local_day(one.row.office, one.row.starts_at) != day for one in visits)

    citizen = visit(language="ar", width=320)
    steps.come_signed_in(citizen, visits[0].account_id, f"/appointments/{visits[0].reference}")
    expect(citizen.page.locator("main .summary")).to_contain_text("نقل الفرع هذا الموعد")
    citizen.page.get_by_role("button", name="القرعة القادمة").click()
    citizen.look()
    assert citizen.path.startswith("/requests/")


def test_a_ticket_is_given_called_and_seen_in_the_hall(visit, site, visits):
    clerk = sit_down(visit, site, language="ar", width=1024)
    page = clerk.page
    clerk.follow("text=من دون موعد")
    page.fill("#national_number", eligible_number(site.core))
    page.check("#service")
    page.get_by_role("button", name="إعطاء تذكرة").click()
    clerk.look()
    expect(page.locator(".ticket")).to_have_text("1")
    page.get_by_role("link", name="نداء التالي").click()
    page.fill("#counter", "12")
    page.get_by_role("button", name="نداء التالي").click()
    clerk.look()
    hall = visit(language="ar", width=1280, scripts=False)
    hall.page.goto(f"{site.address}/calls/damascus")
    expect(hall.page.locator("tbody")).to_contain_text("12")
    # The display has no one who operates it: it must open itself again, which axe otherwise forbids.
    still = visit(language="ar", width=1280)
    still.open("/check")
    still.page.set_content(hall.page.content().replace('http-equiv="refresh"', 'name="refresh"'))
    still.look()
