"""A supervisor looks at the funnel, opens a question and answers it; then reads the own figures on a phone."""

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import select

from booking.antifraud.watching.alerts import open_questions
from booking.country.figures.waits import measure_waits
from booking.people.staff.create import create_staff
from booking.platform.models import ReviewCase
from booking.platform.models.requests.case import CaseDecision
from booking.platform.models.states import Role
from tests.booking.antifraud.watching.papers import a_letter
from tests.journeys import steps
from tests.support.country import PASSWORD, a_colleague
from tests.support.decisions import a_requester, decided, sent


def somebody(core, name, role):
    return create_staff(
        core,
        username=name,
        password=PASSWORD,
        phone=f"+96394400{len(name):04d}",
        roles=[role],
        office_code="damascus",
        language="ar",
        by=None,
    )


def test_a_supervisor_watches_asks_and_answers(visit, site):
    core, who = site.core, a_requester(site.core)
    supervisor = somebody(core, "supervisor", Role.SUPERVISOR)
    decided(core, supervisor, who, approved=2, denied=4)
    generous = somebody(core, "generous", Role.OFFICER)
    decided(core, generous, who, approved=24, denied=2)
    decided(core, a_colleague(core, Role.OFFICER, office="damascus"), who, approved=3, denied=17)
    for number in range(6):
        officer = a_colleague(core, Role.OFFICER, office="aleppo")
        decided(core, officer, who, approved=6 + number, denied=14, took=timedelta(hours=number))
    for _ in range(2):
        sent(core, a_requester(core), a_letter(5))
    assert open_questions(core) >= 2
    measure_waits(core)

    visitor = visit(language="en", width=1280)
    steps.come_signed_in(visitor, supervisor, "/desk")
    visitor.follow("a[href='/desk/watch']")
    plot = visitor.page.get_by_role("img", name="Approved urgent cases, against what chance explains")
    expect(plot).to_be_visible()
    assert plot.locator(".far").count() == 1
    expect(visitor.page.locator("tbody tr").first).to_contain_text("Far more than chance explains")
    visitor.page.get_by_role("link", name="Why does this officer approve so much more?").click()
    visitor.look()
    expect(visitor.page.locator("main")).to_contain_text("generous")
    visitor.press(0)
    expect(visitor.page.locator("#error-summary")).to_contain_text("Write a note.")
    visitor.page.fill("#note", "The hospital next door sends its patients to this counter")
    visitor.press(0)
    assert visitor.path == "/desk/watch"
    with core.sessions() as session:
        answers = session.scalars(select(ReviewCase.decision).where(ReviewCase.concerns.contains([generous]))).all()
    assert CaseDecision.EXPLAINED in answers

    phone = visit(language="ar", width=360, dark=True)
    phone.open("/waiting-times")
    expect(phone.page.locator("main")).to_contain_text("قرار في طلب عاجل")
    steps.come_signed_in(phone, supervisor, "/desk/watch/me")
    expect(phone.page.get_by_role("img", name="ما قبلتُه بين ما قبله الآخرون")).to_be_visible()
    phone.open("/desk/watch")
    phone.page.get_by_role("link", name="لماذا يرسل غرباء الوثيقة نفسها؟").click()
    phone.look()
    expect(phone.page.locator("main")).to_contain_text("لا يشتركان في أي شخص")
