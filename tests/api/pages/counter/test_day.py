"""The counter's page as a clerk uses it: scan, read one word, press one button."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from api.deps import LANGUAGE_COOKIE
from booking.country.catalogue.views import local_day
from booking.desk.counter.arrive import Finding
from booking.desk.counter.closing import plan
from booking.desk.counter.views import ON_THE_SHEET
from booking.platform.models.states import AppointmentState, Role
from tests.booking.desk.counter.visits import a_visit
from tests.support.country import eligible_number


@pytest.fixture
def visit(core):
    found = a_visit(core)
    core.clock.set(found.starts_at)
    return found


@pytest.fixture
def sit_down(staff):
    """Sit a member of an office's staff down, with pages in English."""
    return lambda role=Role.OFFICER, office="damascus": staff(role, office).given(LANGUAGE_COOKIE, "en")


@pytest.fixture
def clerk(sit_down, visit):
    return sit_down()


def heading(browser):
    return re.search(r'id="arrival" role="status">\s*<h2>(.*?)</h2>', browser.text).group(1)


def scan(browser, text):
    return browser.go("/desk/today").send(text=text)


def test_a_scanned_pass_checks_in_and_the_party_is_served(core, clerk, visit):
    assert heading(scan(clerk, visit.scanned + "\n")) == "Checked in"
    assert "أمل الخيالية" in clerk.text
    assert heading(scan(clerk, visit.scanned)) == "Checked in already"
    clerk.go(f"/desk/today/{visit.reference}").send(action="served")
    assert clerk.path == "/desk/today"
    assert visit.row.state is AppointmentState.SERVED
    assert "Served" in clerk.text


def test_a_person_left_unserved_is_sent_on_and_a_second_scan_shows_it(core, clerk, visit):
    scanned = visit.scanned
    scan(clerk, scanned)
    clerk.go(f"/desk/today/{visit.reference}")
    assert "We cannot serve them today" in clerk.text
    clerk.post(f"/desk/today/{visit.reference}", {"csrf": clerk.forms()[0].fields["csrf"], "action": "unserved"})
    assert visit.row.state is AppointmentState.UNSERVED
    assert "Here, not served" in clerk.text
    assert heading(scan(clerk, scanned)) == "Was here, not served"


def test_a_late_party_is_received_with_one_more_press(core, clerk, visit):
    core.clock.set(visit.starts_at + timedelta(minutes=40))
    assert heading(scan(clerk, visit.scanned)) == "Late: you decide"
    late = next(n for n, form in enumerate(clerk.forms()) if form.action.endswith(visit.reference))
    assert heading(clerk.send(late, action="accept_late")) == "Checked in"


def test_a_person_who_comes_early_sees_the_earliest_time(core, clerk, visit):
    core.clock.set(visit.starts_at - timedelta(hours=2))
    assert heading(scan(clerk, visit.scanned)) == "Too early"
    assert "8:30" in clerk.text


def test_a_forged_pass_is_reported_and_the_field_is_ready_again(core, clerk):
    assert heading(scan(clerk, "A" * 133)) == "This is no valid pass"
    assert re.search(r'<input id="text"[^>]*autofocus', clerk.text)
    assert 'value="AAA' not in clerk.text


def test_a_search_shows_the_office_and_leaves_nothing_in_the_address(core, clerk):
    number = eligible_number(core)
    elsewhere = a_visit(core, office="aleppo", number=number, name="أحمد الافتراضي")
    scan(clerk, number)
    assert clerk.path == "/desk/today"
    assert "At another office" in clerk.text
    assert "أحمد" not in clerk.text
    assert clerk.go(f"/desk/today/{elsewhere.reference}").status == 403
    scan(clerk, "12")
    assert clerk.status == 422
    assert "must have 11 digits" in clerk.text


def test_a_no_show_can_be_recorded_once_the_time_is_over(core, clerk, visit):
    assert "Nobody came" not in clerk.go(f"/desk/today/{visit.reference}").text
    assert clerk.send(action="missed").status == 409
    core.clock.advance(timedelta(hours=1))
    clerk.go(f"/desk/today/{visit.reference}").send(action="missed")
    assert visit.row.state is AppointmentState.NO_SHOW
    assert clerk.go("/desk/today?show=missed").text.count("<tr>") == 2
    assert clerk.go("/desk/today?show=expected").text.count("<tr>") == 0


def test_the_camera_is_allowed_on_this_page_only(clerk):
    assert "camera=(self)" in clerk.go("/desk/today").response.headers["permissions-policy"]
    assert "camera=()" in clerk.go("/desk").response.headers["permissions-policy"]


def test_a_reviewer_has_no_counter(sit_down):
    reviewer = sit_down(Role.REVIEWER, None)
    assert "/desk/today" not in reviewer.go("/desk").text
    assert reviewer.go("/desk/today").status == 403


def test_a_supervisor_corrects_with_a_reason_and_a_clerk_cannot(core, clerk, sit_down, visit):
    core.clock.advance(timedelta(hours=1))
    clerk.go(f"/desk/today/{visit.reference}").send(action="missed")
    clerk.go(f"/desk/today/{visit.reference}")
    assert "Correct it" not in clerk.text
    supervisor = sit_down(Role.SUPERVISOR)
    supervisor.go(f"/desk/today/{visit.reference}").send(action="came", note=" ")
    assert supervisor.status == 422
    supervisor.send(action="came", note="They stood in the wrong line")
    assert supervisor.path == "/desk/today"
    assert visit.row.state is AppointmentState.SERVED


def test_a_supervisor_sees_a_plan_carries_it_out_and_a_citizen_refuses(core, sit_down, sign_in, visit):
    supervisor = sit_down(Role.SUPERVISOR)
    tomorrow = a_visit(core, days=1)
    day = local_day(tomorrow.row.office, tomorrow.starts_at)
    supervisor.go("/desk/closing").send(day="", how="closed", note="")
    assert "Choose the day." in supervisor.text
    supervisor.send(day=day.isoformat(), how="closed", note="No power")
    assert re.search(r"data-again.*The plan is being made.*Refresh this page", supervisor.text, re.DOTALL)
    assert re.search(r'src="/static/study\.js', supervisor.text)
    closure = supervisor.path.removeprefix("/desk/closing/")
    plan(core, UUID(closure))
    assert "أمل الخيالية" in supervisor.go(supervisor.path).text
    supervisor.send(action="apply", people=None)
    assert (supervisor.status, "Tick the box to confirm how many people must move." in supervisor.text) == (422, True)
    assert "Close and move 1 person" in supervisor.text
    assert local_day(tomorrow.row.office, tomorrow.row.starts_at) == day
    supervisor.send(action="apply", people=["1"])
    assert "Carried out" in supervisor.text
    assert local_day(tomorrow.row.office, tomorrow.row.starts_at) != day

    citizen = sign_in(tomorrow.account_id).given(LANGUAGE_COOKIE, "en")
    assert "Your office moved this appointment" in citizen.go(f"/appointments/{tomorrow.reference}").text
    refuse = next(n for n, form in enumerate(citizen.forms()) if form.action.endswith("/refuse"))
    citizen.send(refuse)
    assert citizen.path.startswith("/requests/")
    assert "Waits for the draw" in citizen.text


def test_a_clerk_closes_no_office(core, clerk):
    assert "/desk/closing" not in clerk.go("/desk/today").text
    assert clerk.go("/desk/closing").status == 403


def test_tickets_are_given_called_on_the_display_and_closed(core, clerk, new_browser):
    clerk.go("/desk/walk-ins")
    ticket = len(clerk.forms()) - 1
    clerk.send(ticket, action="add", national_number="1", service="passport-renewal")
    assert clerk.status == 422
    clerk.send(len(clerk.forms()) - 1, action="add", national_number=eligible_number(core), service="passport-renewal")
    assert '<p class="ticket">1</p>' in clerk.text
    clerk.go("/desk/hall")
    clerk.send(action="call", counter="")
    assert "Enter the number of your counter." in clerk.text
    assert clerk.status == 422
    clerk.send(action="call", counter="٧")
    assert clerk.path == "/desk/hall?counter=7"
    assert '<p class="ticket">1</p>' in clerk.text
    hall = new_browser().go("/calls/damascus")
    assert "<td>1</td><td>7</td>" in hall.text
    assert "النداء الآن" in hall.text
    assert "Now called" in hall.text
    clerk.send(served="1")
    assert clerk.path == "/desk/hall?counter=7"
    assert 'value="7"' in clerk.text
    assert "<td>1</td>" not in hall.go("/calls/damascus").text


def test_the_offline_day_sheet_holds_no_more_data_than_needed(core, clerk, visit):
    sheet = clerk.client.get("/desk/today/sheet").json()
    [line] = [one for one in sheet["lines"] if one["reference"] == visit.reference]
    assert set(line) == {"reference", "starts", "time", "people", "service", "state"}
    assert sheet["until"] - sheet["now"] < 24 * 3600 * 1000
    worker = clerk.client.get("/desk/worker.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in worker.headers["content-security-policy"]


def test_offline_records_are_accepted_from_our_own_page_only(core, clerk, visit):
    token = clerk.client.get("/desk/today/sheet").json()["token"]
    now = core.clock.now().isoformat()
    key = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
    body = {"sent_at": now, "entries": [{"key": key, "text": visit.scanned, "at": now, "accept_late": False}]}

    def send(**headers):
        return clerk.client.post("/desk/today/offline", json=body, headers=headers)

    assert send().status_code == 403
    assert send(**{"X-Mawid-Token": token, "Origin": "https://elsewhere.example"}).status_code == 403
    assert send(**{"X-Mawid-Token": token, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visit.row.state is AppointmentState.CONFIRMED
    for _ in range(2):  # the answer was lost: it is sent again
        assert send(**{"X-Mawid-Token": token}).json() == {"results": [{"id": key, "finding": "admitted"}]}
    assert visit.row.state is AppointmentState.CHECKED_IN
    body["entries"] *= 101
    assert send(**{"X-Mawid-Token": token}).status_code == 422
    clerk.client.cookies.clear()
    assert send(**{"X-Mawid-Token": token}).headers["location"].startswith("/sign-in")


def test_the_offline_page_has_words_for_every_state_and_finding(clerk):
    page = clerk.go("/desk/today/offline").text
    names = {f"state-{one.value}" for one in ON_THE_SHEET}
    names |= {f"said-{one.value}" for one in ON_THE_SHEET if one is not AppointmentState.CONFIRMED}
    names |= {f"why-{one.value}" for one in Finding if one is not Finding.ADMITTED}
    assert {name for name in names if f'id="{name}"' not in page} == set()
