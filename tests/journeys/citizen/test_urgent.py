"""Someone who cannot wait sends a photo; an officer decides by keyboard alone; a supervisor is the second person."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from booking.platform.models.states import RequestState, Role, UrgentState
from booking.scheduling.requests.views import list_requests, request_view
from booking.scheduling.urgent.views import own_case_view
from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import a_colleague, a_request
from tests.support.effort import Effort
from tests.support.urgent_cases import a_case_with_officers, a_noisy_photo, a_photo, a_quick_case_with_officers, stored

PART = 256 * 1024
A_CASE = ["GET", "POST", "GET", "POST", "GET"]
"""What a decision asks the server for: the case, its claim and the case again, the answer and the queue again."""


@pytest.fixture
def sit_at_the_desk(site, visit):
    """Sign someone of Damascus in at a screen."""

    def make(role: Role, **screen: object):
        account = a_colleague(site.core, role, office="damascus")
        visitor = visit(**({"language": "en", "width": 1280} | screen))
        steps.come_signed_in(visitor, account, "/desk/urgent")
        return visitor

    return make


def send_over_a_bad_network(visitor):
    """Add a photo of three parts; the network breaks under the second one, and the page is closed under the third."""
    page, offsets, lost = visitor.page, [], []
    photo = {"name": "IMG.png", "mimeType": "image/png", "buffer": a_noisy_photo()}

    def pass_on(route):
        if lost:  # until the page is open again, however late that is
            route.abort()
            return
        if route.request.method != "PATCH":
            route.continue_()
            return
        offsets.append(int(route.request.headers["upload-offset"]))
        if offsets == [0, PART]:
            page.context.set_offline(True)
            route.abort()
        elif offsets == [0, PART, PART, 2 * PART]:
            lost.append(route)
            route.abort()
        else:
            route.continue_()

    def third_is_lost(request):
        return request.method == "PATCH" and request.headers["upload-offset"] == str(2 * PART)

    page.route("**/urgent/uploads/*", pass_on)
    add, status = page.locator("form[data-uploads] button:not([name])"), page.locator("#upload-status")
    page.set_input_files("#file", photo)
    add.click()
    expect(status).to_contain_text("No network now")
    with page.expect_event("requestfailed", third_is_lost):
        page.context.set_offline(False)
    expect(status).to_contain_text("No network now")
    visitor.open(visitor.path)
    lost.clear()
    page.set_input_files("#file", photo)
    add.click()
    expect(page.locator(".cards li")).to_have_count(2)
    assert offsets == [0, PART, PART, 2 * PART, 2 * PART]
    page.unroute("**/urgent/uploads/*")


@on_screens("english-desk-dark", "arabic-phone-scriptless")
def test_a_citizen_asks_with_a_photo_and_sees_the_appointment(visit, site, sit_at_the_desk, screen):
    visitor = visit(**screen)
    page = visitor.page
    account, asked = a_request(site.core)
    request = f"/requests/{asked.reference}"
    steps.come_signed_in(visitor, account, request)
    visitor.follow(f"main a[href='{request}/urgent']")
    visitor.press()  # nothing is filled in
    assert page.locator("#error-summary a").count() == 2
    page.locator("input[name=reason]").first.check()
    page.fill("#needed_by", (site.core.today() + timedelta(days=9)).isoformat())
    visitor.press()
    visitor.press()  # no file is chosen
    expect(page.locator("#error-summary a")).to_have_count(1)
    visitor.open(visitor.path)
    add = page.locator("form[enctype] button:not([name])")
    page.set_input_files("#file", {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + b"\0" * 500})
    add.click()
    expect(page.locator("#file-error")).to_be_visible()
    visitor.look()
    page.set_input_files("#file", {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": a_photo(size=(3000, 2000))})
    add.click()
    expect(page.locator(".cards li")).to_have_count(1)
    visitor.look()
    if screen["scripts"]:
        send_over_a_bad_network(visitor)
        another = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": a_photo(size=(320, 200))}
        page.set_input_files("#file", another)
        page.locator("form[enctype] button[name=then]").click()
        page.wait_for_url(f"**{request}/urgent")
    else:
        page.locator(f"form[action='{request}/urgent/send'] button").click()
    visitor.look()
    assert visitor.path == f"{request}/urgent"

    desk = sit_at_the_desk(Role.OFFICER, language=screen["language"], dark=screen["dark"])
    desk.follow("a[data-case]")
    desk.press()
    desk.page.locator("details.decision input[name=reason]").first.check()
    desk.page.locator("details.decision textarea").first.fill("the hospital's letter names the day")
    desk.look()
    desk.page.locator("details.decision button").first.click()
    desk.look()
    assert desk.path == "/desk/urgent"

    visitor.open(f"{request}/urgent")
    visitor.follow("main .summary.good a.button")
    expect(page.locator("main .tag").first).to_have_class("tag good")


def test_an_officer_decides_case_after_case_by_keyboard_alone_without_detours(site, sit_at_the_desk):
    keys_pressed = "aadaedaeda" if Effort.thorough else "adea"
    cases = [a_quick_case_with_officers(site.core, days=8 + n) for n in range(len(keys_pressed))]
    desk = sit_at_the_desk(Role.OFFICER)
    page, keys = desk.page, desk.page.keyboard
    queue, asked = f"{site.address}/desk/urgent", []
    page.on("request", lambda one: asked.append(one.method) if one.is_navigation_request() else None)

    for key in keys_pressed:
        keys.press("j")  # the most pressing case
        keys.press("Enter")
        page.wait_for_url("**/desk/urgent/*")
        keys.press("c")
        expect(page.locator("details.decision").first).to_be_visible()
        page.wait_for_load_state()  # the script that knows the keys is there
        keys.press(key)
        keys.press("Space")  # the first reason
        keys.press("Tab")
        keys.type("seen the papers")
        keys.press("Control+Enter")
        page.wait_for_url(queue)

    means = {"a": UrgentState.APPROVED, "d": UrgentState.DENIED, "e": UrgentState.NEEDS_EVIDENCE}
    assert [stored(site.core, case.reference).state for case in cases] == [means[key] for key in keys_pressed]
    assert asked == A_CASE * len(cases)

    keys.press("u")  # the last one, an approval
    page.wait_for_url("**/desk/urgent/*")
    assert stored(site.core, cases[-1].reference).state is UrgentState.ASSIGNED
    keys.press("r")
    page.wait_for_url(queue)
    assert stored(site.core, cases[-1].reference).state is UrgentState.SUBMITTED


@on_screens("arabic-desk", "english-desk")
def test_a_place_today_needs_a_second_person(site, sit_at_the_desk, screen):
    case = a_case_with_officers(site.core, days=0)
    first = sit_at_the_desk(Role.OFFICER, **screen)
    first.follow("a[data-case]")
    first.press()
    first.page.locator("details.decision input[name=reason]").first.check()
    first.page.locator("details.decision textarea").first.fill("the flight is tonight")
    first.page.locator("details.decision button").first.click()
    first.look()
    assert stored(site.core, case.reference).state is UrgentState.NEEDS_SECOND

    second = sit_at_the_desk(Role.SUPERVISOR, **screen)
    second.open("/desk/urgent?show=second")
    second.follow("a[data-case]")
    second.page.locator("details.decision input[name=reason]").first.check()
    second.page.locator("details.decision textarea").first.fill("seen the ticket")
    second.page.locator("details.decision button").first.click()
    second.look()

    [line] = list_requests(site.core, case.account)
    assert request_view(site.core, case.account, line.reference).state is RequestState.DRAWN
    own = own_case_view(site.core, account_id=case.account, request_reference=case.request)
    assert own.case.level == "immediate"
