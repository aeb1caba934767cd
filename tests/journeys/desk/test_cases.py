"""An officer reads and decides review cases: two people side by side, a ring as a drawing and tables."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking.antifraud.linking.newcomers import compare_newcomers
from booking.antifraud.linking.rings import open_rings
from booking.platform.models import AuditEntry, Label, Request, ReviewCase
from booking.platform.models.requests.case import CaseDecision, CaseKind
from booking.platform.models.states import Role
from tests.booking.antifraud.linking.people import NAME, a_person, a_ring
from tests.journeys import steps
from tests.support.country import a_colleague

KINDS = (CaseKind.SAME_PERSON, CaseKind.RING)


@pytest.fixture
def references(site):
    """A case of each kind: its reference by kind."""
    a_person(site.core)
    a_person(site.core, "سلما الخيالية")
    compare_newcomers(site.core)
    a_ring(site.core, 9)
    open_rings(site.core)
    return {kind: case_of(site.core, kind).reference for kind in KINDS}


def case_of(core, kind):
    with core.sessions() as session:
        return session.scalars(select(ReviewCase).where(ReviewCase.kind == kind)).one()


@pytest.fixture
def officer(visit, site):
    account = a_colleague(site.core, Role.OFFICER, office="damascus")

    def sit_down(path, **how):
        visitor = visit(**how)
        steps.come_signed_in(visitor, account, path)
        return visitor

    return sit_down


def test_pages_of_cases_have_no_accessibility_barriers(officer, references):
    for language, width, dark in (("ar", 320, False), ("en", 1280, False), ("ar", 1280, True), ("en", 320, True)):
        visitor = officer("/desk", language=language, width=width, dark=dark)
        for kind in KINDS:
            visitor.follow(f"a[href='/desk/cases/{references[kind]}']")
            visitor.open("/desk")


def test_an_officer_reads_two_people_and_decides(officer, site, references):
    visitor = officer(f"/desk/cases/{references[CaseKind.SAME_PERSON]}", language="en", width=1280)
    expect(visitor.page.locator("table")).to_contain_text(NAME)
    expect(visitor.page.locator("table")).to_contain_text("nearly the same")

    visitor.press(0)
    expect(visitor.page.locator("#error-summary")).to_contain_text("Write a note.")
    visitor.page.fill("#note", "Two cards, one face")
    visitor.press(0)

    assert visitor.path == "/desk"
    assert visitor.page.locator(f"a[href='/desk/cases/{references[CaseKind.SAME_PERSON]}']").count() == 0
    assert case_of(site.core, CaseKind.SAME_PERSON).decision is CaseDecision.SAME
    visitor.open(f"/desk/cases/{references[CaseKind.SAME_PERSON]}")
    expect(visitor.page.locator("main")).to_contain_text("Decided: the same person")
    assert visitor.page.locator("main form").count() == 0
    with site.core.sessions() as session:
        looks = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "case.looked_at")).all()
    assert len(looks) == 3


def test_an_officer_reads_a_ring_and_decides_in_arabic(officer, site, references):
    visitor = officer(f"/desk/cases/{references[CaseKind.RING]}", language="ar", width=320)
    picture = visitor.page.get_by_role("img", name="من يشترك مع من في الأجهزة والهواتف")
    expect(picture).to_be_visible()
    assert picture.locator("circle").count() == 9
    assert picture.locator("circle.organiser").count() == 1
    assert picture.locator("line").count() == 18
    expect(visitor.page.locator("main")).to_contain_text("حساب واحد يدير المجموعة")
    expect(visitor.page.locator("main")).to_contain_text("من الحسابات تشترك في رقم هاتفها مع أسر أخرى")
    expect(visitor.page.locator("table").first).to_contain_text("الجهاز أ")
    assert case_of(site.core, CaseKind.RING).evidence["shown"]["identifiers"][0]["hash"] not in visitor.page.content()

    visitor.page.fill("#note", "اتصلت بهم، هم يبيعون")
    visitor.press(0)

    assert case_of(site.core, CaseKind.RING).decision is CaseDecision.RESELLING
    with site.core.sessions() as session:
        assert len(session.scalars(select(Label)).all()) == 18
        request = session.scalars(select(Request.reference).join(Label, Label.request_id == Request.id)).first()
    visitor.open(f"/desk/reviews/{request}")
    visitor.page.fill("#reason", "صاحبه عند النافذة")
    visitor.press(0)
    expect(visitor.page.locator("main")).to_contain_text("وجد موظف أن هذا الحساب لمن يتاجرون بالمواعيد.")


def test_a_decision_after_a_faster_colleague_is_refused(officer, site, references):
    path = f"/desk/cases/{references[CaseKind.SAME_PERSON]}"
    slow, fast = (officer(path, language="en", width=1280) for _ in range(2))
    fast.page.fill("#note", "Cousins")
    fast.press(1)

    slow.page.fill("#note", "The same")
    slow.press(0)

    expect(slow.page.locator("#error-summary")).to_contain_text("This case is closed already")
    expect(slow.page.locator("main")).to_contain_text("Decided: different people")
    assert case_of(site.core, CaseKind.SAME_PERSON).decision is CaseDecision.DIFFERENT
