"""A citizen asks to be let past the draw with a photo; officers decide; every file that is no paper is refused."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.country.catalogue.views import local_day
from booking.desk.counter.closing import ask_to_close, plan
from booking.people.staff.change import close_account
from booking.platform.models import Appointment, AuditEntry, Slot, SlotPool, UrgentRequest
from booking.platform.models.states import Role, UrgentState
from booking.scheduling.requests.ask import ask
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.ask import ask_urgent
from booking.scheduling.urgent.claim import claim
from tests.api.pages import people
from tests.booking.desk.plans.conftest import conscript_number
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_origin
from tests.support.urgent_cases import APPROVE, Case, a_photo, a_quick_case_with_officers, send_with_photo, stored


@pytest.fixture
def asked(browser, core):
    """A citizen with a live request."""
    people.register(browser)
    people.add_person(browser, core)
    return people.has_asked(browser)


def a_day(core, days):
    return (core.today() + timedelta(days=days)).isoformat()


def with_officers(browser, core, request, days=9):
    browser.go(f"/requests/{request}/urgent").send(reason="medical", needed_by=a_day(core, days), words="")
    assert browser.path == f"/requests/{request}/urgent/evidence", browser.text
    fields = {"csrf": browser.forms()[0].fields["csrf"], "reason": "medical", "needed_by": a_day(core, days)}
    browser.post(f"/requests/{request}/urgent", fields)  # the button was pressed twice
    assert browser.path == f"/requests/{request}/urgent/evidence", browser.text
    browser.send_file_to_a_crowd().send_files([("file", ("1.jpg", a_photo(), "image/jpeg"))], then="send")
    assert "ينتظر موظفًا" in browser.text, browser.text
    with core.sessions() as session:
        return session.scalars(select(UrgentRequest.reference)).one()


def test_a_citizen_asks_with_a_photo_and_an_officer_gives_a_place(core, browser, asked, staff):
    case = with_officers(browser, core, asked)
    assert "طلبك العاجل" in browser.go("/me").text
    officer = staff(Role.OFFICER)
    assert f'action="/desk/urgent/{case}"' in officer.go("/desk/urgent").text
    officer.go("/desk").press("claim")
    assert officer.path == f"/desk/urgent/{case}", officer.text
    image = re.search(r'src="(/desk/urgent/[^"]+)"', officer.text).group(1)
    answer = officer.client.get(image)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]

    officer.press("approve", reason="evidence_is_clear", note="the hospital names the day", place="best")

    assert officer.path == "/desk/urgent", officer.text
    browser.go(f"/requests/{asked}/urgent")
    assert "لك موعد عاجل" in browser.text
    appointment = re.search(r'href="(/appointments/[^"]+)"', browser.text).group(1)
    assert "رسم الاستعجال" in browser.go(appointment).text
    assert browser.go(f"{appointment}/pass").status == 200
    with core.sessions() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == case)).all()
    assert actions == ["urgent.claimed", "urgent.read", "urgent.evidence_read", "urgent.approval"]


def test_missing_papers_are_named_and_going_on_needs_a_reason(core, sign_in):
    account = an_account(core)
    member = a_member(core, account, name="كريم الخيالي", number=conscript_number(core))
    request = ask(core, account_id=account, wish=a_wish((member,)), origin=an_origin()).reference
    words = {"reason": "medical", "needed_by": core.today() + timedelta(days=9), "words": ""}
    reference = ask_urgent(core, account_id=account, request_reference=request, **words)
    send_with_photo(core, Case(account, request, reference))
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    claim(core, officer_id=clerk, reference=reference)
    officer = sign_in(clerk).go(f"/desk/urgent/{reference}")
    assert "إذن سفر" in officer.text
    slot = re.findall(r'<option value="(\d+)"', officer.text.partition('name="slot"')[2].partition("</select>")[0])[-1]
    chosen = {"reason": "evidence_is_clear", "note": "the letter names the day", "place": "this", "slot": slot}

    officer.press("approve", **chosen)

    assert officer.status == 422
    assert 'id="going_on-error"' in officer.text
    assert f'<option value="{slot}" selected>' in officer.text
    officer.press("approve", **chosen, going_on="promised by telephone")
    second = sign_in(a_colleague(core, Role.SUPERVISOR, office="damascus")).go(f"/desk/urgent/{reference}")
    assert "promised by telephone" in second.text
    assert stored(core, reference).state is UrgentState.APPROVED
    assert "إذن سفر" in sign_in(account).go(f"/requests/{request}/urgent").text


@pytest.mark.parametrize(
    ("language", "office", "hour"),
    [("en", "Damascus Immigration", "9:30\u00a0am"), ("ar", "والجوازات في دمشق", "9:30\u00a0صباحًا")],
)
def test_the_second_approver_sees_the_place_and_time_of_the_first(core, sign_in, language, office, hour):
    case = a_quick_case_with_officers(core)
    clerk, chief = (a_colleague(core, role, office="damascus") for role in (Role.OFFICER, Role.SUPERVISOR))
    claim(core, officer_id=clerk, reference=case.reference)
    with core.sessions() as session:
        today = session.scalars(
            select(Slot.id)
            .join(SlotPool, SlotPool.slot_id == Slot.id)
            .where(SlotPool.pool == "urgent", SlotPool.places > 0, Slot.starts_at > core.clock.now())
            .order_by(Slot.starts_at)
            .limit(1)
        ).one()
    assert approve(core, officer_id=clerk, reference=case.reference, slot_id=today, **APPROVE).second_for
    page = sign_in(chief).go(f"/language/{language}").go(f"/desk/urgent/{case.reference}").text
    first = page.partition('<h2 id="first">')[2].partition("</section>")[0]
    for said in (office, hour, "the hospital"):
        assert said in first, first


def test_closing_without_room_shows_which_urgent_places_are_lost(core, sign_in):
    officer, supervisor = (a_colleague(core, role, office="damascus") for role in (Role.OFFICER, Role.SUPERVISOR))
    case = a_quick_case_with_officers(core, days=12)
    claim(core, officer_id=officer, reference=case.reference)
    approved = approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    with core.sessions.begin() as session:
        session.execute(text("UPDATE slot_pool SET places = taken WHERE pool <> 'urgent'"))
        appointment = session.scalars(select(Appointment).where(Appointment.reference == approved.appointment)).one()
        day = local_day(appointment.office, appointment.starts_at)
    closure = ask_to_close(core, officer_id=supervisor, day=day, counters=0, reason="no electricity")
    plan(core, closure)
    browser = sign_in(supervisor).go("/language/en").go(f"/desk/closing/{closure}")
    assert "urgent approvals that end" in browser.text
    assert "Urgent cases lose their appointment." in browser.text
    browser.send(action="apply", people=["1"])
    browser.go("/desk/urgent")
    assert "Urgent cases that lost their appointment" in browser.text
    assert f'href="/desk/urgent/{case.reference}"' in browser.text


def test_urgency_can_be_asked_with_a_request_and_colleagues_see_no_names(core, browser, staff):
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    core.clock.advance(timedelta(seconds=90))
    browser.send(sooner="yes")
    request = browser.path.split("/")[2]
    assert browser.path == f"/requests/{request}/urgent"
    case = with_officers(browser, core, request)
    mine, other, abroad = staff(Role.OFFICER), staff(Role.OFFICER), staff(Role.OFFICER, "homs")
    mine.go(f"/desk/urgent/{case}").press("claim")
    image = re.search(r'src="(/desk/urgent/[^"]+)"', mine.text).group(1)
    assert "أمل الخيالية" in mine.text
    assert "أمل الخيالية" not in other.go(f"/desk/urgent/{case}").text
    assert other.client.get(image).status_code == 409
    assert abroad.client.get(image).status_code == 403
    assert abroad.go("/desk/urgent").status == 200
    assert case not in abroad.text
    assert browser.client.get(image).status_code == 403


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "اختر صورة"),
        (b"MZ" + b"\0" * 500, "هذا برنامج"),
        (b"\xff\xd8\xff" + b"\0" * (11 << 20), "10 ميغابايت"),
    ],
)
def test_a_file_that_is_not_a_paper_is_refused_on_the_page(core, browser, asked, content, words):
    browser.go(f"/requests/{asked}/urgent").send(reason="medical", needed_by=a_day(core, 9), words="")
    browser.send_file(content)
    assert browser.status == 422
    assert words in browser.text


@pytest.mark.neighbours
def test_an_endless_body_is_cut_off(core, browser, asked):
    browser.go(f"/requests/{asked}/urgent").send(reason="medical", needed_by=a_day(core, 9), words="")
    browser.send_file(b"\xff\xd8\xff" + b"\0" * (33 << 20))
    assert browser.status == 413


@pytest.mark.neighbours
def test_an_upload_needs_our_own_page_and_its_session(core, browser, asked):
    browser.go(f"/requests/{asked}/urgent").send(reason="medical", needed_by=a_day(core, 9), words="")
    path = f"/requests/{asked}/urgent/evidence"
    paper = {"file": ("a.jpg", a_photo(), "image/jpeg")}
    foreign = browser.client.post(
        path, data={"csrf": "forged"}, files=paper, headers={"origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403
    assert browser.client.post(path, data={"csrf": "forged"}, files=paper).status_code == 303
    assert browser.client.post(path, content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 400
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    unreadable = {"content-type": "multipart/form-data; boundary=x; charset=undefined"}
    assert browser.client.post(path, content=part, headers=unreadable).status_code == 400
    assert "الوثيقة 1" not in browser.go(path).text


def test_a_stale_form_decides_nothing_once_its_case_or_officer_is_gone(core, staff):
    first, second = (a_quick_case_with_officers(core) for _ in range(2))
    officer = staff(Role.OFFICER)
    words = {"reason": "not_urgent", "note": "it can wait", "place": "best"}
    officer.go(f"/desk/urgent/{first.reference}").press("claim")
    tab = officer.forms()
    officer.press("deny", **words)
    fields = tab[0].fields | {"action": "approve"} | words
    officer.post(f"/desk/urgent/{first.reference}", fields | {"reason": "evidence_is_clear"})
    assert (officer.status, "هذا الطلب ليس عندك" in officer.text) == (409, True)
    assert stored(core, first.reference).state is UrgentState.DENIED

    officer.go(f"/desk/urgent/{second.reference}").press("claim")
    with core.sessions() as session:
        account = session.scalars(
            select(UrgentRequest.assigned_to).where(UrgentRequest.reference == second.reference)
        ).one()
    close_account(core, by=a_colleague(core, Role.ADMINISTRATOR), account_id=account, reason="left")
    officer.press("approve", **words | {"reason": "evidence_is_clear"})
    assert officer.path.startswith("/sign-in")
    assert stored(core, second.reference).state is UrgentState.SUBMITTED
