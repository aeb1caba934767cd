"""Every page of a citizen, with its style and scripts, is small enough for an old phone on a slow network."""

import gzip
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from api.pages.shared.static import read_static
from booking.country.core.register import open_national_number
from booking.platform.models import Account, HouseholdMember, Office, OfficeChance, Request
from booking.platform.models.states import Door, RequestState
from booking.scheduling.swaps.schedule import advance_swaps
from booking.scheduling.swaps.views import list_nights
from tests.api.pages import people
from tests.api.pages.online.test_cases import fill_insurance, go_to_provider
from tests.api.pages.scales import Scales, packed, routes_of_citizens
from tests.support.country import PASSWORD, a_member, an_account
from tests.support.online_cases import INSURANCE, a_caseworker, a_filled_draft, pay
from tests.support.urgent_cases import a_photo

LIGHT = 15 * 1024

NO_PAGES = {
    *("/livez", "/readyz", "/readyz/worker", "/metrics"),
    *("/static/{name}", "/emblem.svg", "/keeper.js", "/manifest-{language}.webmanifest"),
    *("/open-data/dictionary.json", "/open-data/datapackage.json", "/open-data/days/{day}/{name}"),
    *("/open-data/draws.{ending}", "/open-data/free-places.json", "/open-data/free-places.ics"),
    *(f"/open-data/scheduling/{name}" for name in ("$bulk-publish", "locations.ndjson", "schedules.ndjson")),
    "/open-data/scheduling/slots/{office}/{service}.ndjson",
    *("/verify", "/verify/mawid-verify.html"),
    *("/log/checkpoint", "/log/key", "/log/proof/{kind}/{name}", "/log/cosignatures", "/log/tile/{level}/{first}"),
    *(f"/log/tile/{{level}}/{{first}}/{{second}}{more}" for more in ("", "/{third}", "/{third}/{fourth}")),
    *(
        "/draws/{reference}/files/{name}",
        "/draws/{reference}/all.zip",
        "/exchange/{reference}/all.zip",
        "/check/key.pem",
        "/check/revoked.json",
        *(f"/.well-known/{one}" for one in ("jwt-vc-issuer", "openid-credential-issuer", "oauth-authorization-server")),
        *("/credentials/status-lists.json", "/credentials/status/{number}", "/credentials/types/{service_code}"),
        "/language/{language}",
    ),
    *(f"/appointments/{{reference}}/{name}" for name in ("other/part.json", "other/wish.json", "calendar.ics")),
    *("/calendar/{secret}.ics", "/calendar/office/{secret}.ics"),
    "/online/cases/{reference}/result.pdf",
    *("/requests/{reference}/receipt.json", "/requests/{reference}/receipt.pdf"),
    "/requests/{reference}/urgent/evidence/{evidence_id}/{number}",
    "/online/cases/{reference}/papers/{paper_id}/{number}",
}
LEAD_ELSEWHERE = {
    *("/r/{reference}", "/a/{reference}", "/c/{reference}"),
    *("/confirm-phone/again", "/online/cases/{reference}/paid", "/online/cases/{reference}/credential"),
    *("/ask/begin/{service_code}", "/abroad/begin/{service_code}"),
    *(f"/appointments/{{reference}}/{step}" for step in ("confirm", "refuse", "wallet", "other/end")),
    "/online/cases/{reference}/wallet",
    *(f"/requests/{{reference}}/{step}" for step in ("challenge", "proof", "code", "change/undo")),
    *(f"/requests/{{reference}}/urgent/{step}" for step in ("remove", "send")),
    *("/online/cases/{reference}/papers/remove", "/instant/{door}/{service_code}/{office_code}/draw"),
}
OF_OTHERS_AND_DEMONSTRATIONS = {
    "/requests/{reference}/helper",  # where a registered helper asked; one button
    *(
        "/me/security/again",
        "/me/security/recovery-codes",
        "/me/phone/codes",
        "/me/security/second-step/remove",
        "/sign-in/second-step/lost",
        "/sign-in/second-step/lost/counter",
    ),  # two or three fields
    *("/sign-in/state", "/sign-in/state/begin", "/sign-in/state/return", "/reopen/code", "/me/account/copy/fetch"),
    *("/sign-in/staff", "/sign-in/staff/begin", "/sign-in/staff/return", "/calls/{office_code}"),
    *(
        "/outbox",
        "/demo",
        "/demo/tour",
        "/design",
        "/sandbox/payments/{charge}",
        "/me/security/passkeys",
        "/me/security/passkeys/{passkey_id}/remove",
    ),
    *("/staff/find", "/staff/waiting"),  # for citizens there is no such page
}


@pytest.fixture
def scales(browser):
    return Scales(browser.client)


def look_at_public_pages(scales, core, draw):
    advance_swaps(core)
    for path in (
        *(
            "/",
            "/how",
            "/journalists",
            "/waiting-times",
            "/draws",
            "/exchange",
            f"/exchange/{list_nights(core)[0].reference}",
            f"/draws/{draw}",
            "/services",
            "/services?q=جواز",
            "/offices",
            "/offices/damascus",
        ),
        *("/services/passport-renewal", "/services/travel-permission", "/ask", "/abroad", "/instant"),
        *("/instant/home/passport-renewal", "/open-data", "/register", "/sign-in", "/sign-out", "/reset", "/check"),
        *("/user-name", "/stop-phone", "/reopen", "/journalists", "/log"),
        *("/help", "/help/appointment", "/contact", "/privacy", "/accessibility", "/site-map"),
        *("/without-network", "/without-network/form", "/reset/new", "/status", "/wait/damascus"),
    ):
        assert scales.go(path).status == 200, path
    scales.go("/register").send(username="", phone="12", password="")
    assert scales.status == 422


def know_chances(core):
    keys = ("any", *(f"day:{day}" for day in range(7)), *(f"band:{band.code}" for band in core.pack.country.bands))
    with core.sessions.begin() as session:
        for (office,) in session.execute(select(Office.id)):
            low = 5 * (office % 15)
            chances = {key: [low, low + 5, low + 5 + 5 * n % 25] for n, key in enumerate(keys)}
            session.add(OfficeChance(office_id=office, draws=6, chances=chances))


def choose_how_to_be_reached(scales):
    scales.go("/me/notices/email").send(address="amal@mail.test")
    scales.send(code=people.last_code(scales, "amal"))
    for path in ("/me/notices", "/me/notices/email/remove", "/me/security", "/me/calendar", "/household"):
        assert scales.go(path).status == 200, path
    scales.go(re.search(r"/household/\d+/remove", scales.text)[0])


def look_after_the_account(scales):
    for path in ("/me/password", "/me/phone", "/me/security/second-step"):
        assert scales.go(path).status == 200, path
    for path in ("/me/account", "/me/account/copy", "/me/account/close"):
        assert scales.go(path).status == 200, path
    assert scales.go(re.search(r"/household/\d+/edit", scales.go("/household").text)[0]).status == 200


def see_who_acts(scales, core):
    member = re.search(r"/household/(\d+)/remove", scales.go("/household").text)[1]
    for way in ("", "/card", "/passport", "/phone", "/guardian", "/counter"):
        assert scales.go(f"/household/{member}/prove{way}").status == 200, way
    with core.sessions() as session:
        number = open_national_number(core.vault, session.get_one(HouseholdMember, int(member)).person)
    a_member(core, an_account(core), number=number)
    scales.go("/me/people-acting-for-me")
    scales.go(re.search(r"/me/people-acting-for-me/\d+/\d+", scales.text)[0])


def ask_for_an_urgent_place(scales, core, request):
    scales.go(f"/requests/{request}/urgent")
    needed = (core.today() + timedelta(days=9)).isoformat()
    scales.send(reason="medical", needed_by=needed, words="")
    scales.send_file(a_photo())
    scales.send(len(scales.forms()) - 1)
    assert scales.go(f"/requests/{request}/urgent/withdraw").status == 200, scales.path


def get_insured(scales, core):
    scales.go(f"/online/services/{INSURANCE}")
    reference = fill_insurance(scales, core)
    scales.go(f"/online/cases/{reference}/papers")
    scales.go(f"/online/cases/{reference}/withdraw")
    scales.go(f"/online/cases/{reference}/review").send(declared="yes")
    scales.go(f"/online/cases/{reference}/pay")
    go_to_provider(scales.send()).send(answer="pay")
    assert scales.path == f"/online/cases/{reference}"


def post_papers(scales, core):
    a_caseworker(core, "foreign-affairs")
    asked = a_filled_draft(core, "document-legalisation", door=Door.ABROAD)
    with core.sessions() as session:
        username = session.get_one(Account, asked.account).username
    scales.go("/sign-out").send()
    scales.go("/sign-in").send(username=username, password=PASSWORD)
    scales.go(f"/online/cases/{asked.reference}/originals").send(way="post", consulate="berlin")
    scales.send(declared="yes")
    pay(core, asked)
    assert scales.go(f"/online/cases/{asked.reference}/cover").path.endswith("/cover")
    scales.go(f"/online/cases/{asked.reference}")


def see_a_refusal(scales, core, request):
    with core.sessions.begin() as session:
        change = update(Request).where(Request.reference == request)
        session.execute(change.values(state=RequestState.REFUSED))
    scales.go(f"/requests/{request}")
    scales.go(f"/requests/{request}/appeal")
    with core.sessions.begin() as session:
        session.execute(change.values(state=RequestState.ACCEPTED))


@pytest.mark.parametrize("language", ["ar", "ckb"])  # what is heaviest: English and Kurmanji are lighter
def test_every_page_of_a_citizen_is_under_15_kilobytes(scales, core, a_draw, draw_it, language):
    scales.go(f"/language/{language}")
    draw = a_draw()
    look_at_public_pages(scales, core, draw)
    people.register_on_pages(scales)
    people.add_person_on_pages(scales, core)
    choose_how_to_be_reached(scales)
    look_after_the_account(scales)
    see_who_acts(scales, core)
    know_chances(core)
    people.answer_until_review(scales, "/abroad", ("berlin",))
    scales.go("/abroad/also")
    people.answer_until_review(scales)
    scales.go("/ask/also")
    request = people.ask(scales)
    scales.go(f"/requests/{request}/withdraw")
    scales.go(f"/requests/{request}/change").send(accessible="yes")
    scales.go("/helped").send(reference=request, phone="0944 123 456")
    see_a_refusal(scales, core, request)
    ask_for_an_urgent_place(scales, core, request)
    get_insured(scales, core)
    for path in (
        "/plan",
        "/plan/passport-renewal",
        "/plan/travel-permission",
        "/instant/home/passport-renewal/damascus",
    ):
        scales.go(path)
    draw_it(draw)
    people.come_back(scales, "amal", f"/requests/{request}")
    appointment = scales.text.partition('href="/appointments/')[2].partition('"')[0]
    scales.go(f"/appointments/{appointment}").send()
    for path in (
        "/",
        "/me",
        *(f"/appointments/{appointment}{step}" for step in ("/pass", "/move", "/cancel", "/other")),
    ):
        assert scales.go(path).status == 200, path

    scales.go(f"/requests/{request}/urgent/withdraw").send()  # while it is open the appointment keeps its time
    scales.go(f"/appointments/{appointment}/time")
    scales.go(re.search(rf"/appointments/{appointment}/time/\d+", scales.text).group())
    post_papers(scales, core)

    unseen = routes_of_citizens() - NO_PAGES - LEAD_ELSEWHERE - OF_OTHERS_AND_DEMONSTRATIONS - scales.weights.keys()
    heavy = {route: weight for route, weight in scales.weights.items() if weight >= LIGHT}
    assert not unseen, "visit them here, or say above what they are"
    assert not heavy, f"bytes by route, of {LIGHT} allowed; all of them: {scales.weights}"


def test_the_weight_of_a_page_counts_what_it_loads(scales):
    scales.go("/sign-in")
    scripts = ("mawid.js", "leave.js")
    alone = len(gzip.compress(scales.response.content))
    assert scales.weights["/sign-in"] == alone + packed("mawid.css") + sum(map(packed, scripts))


def test_style_and_script_come_compressed_and_stay_in_the_browser(browser):
    for name in ("mawid.css", "mawid.js"):
        answer = browser.client.get(f"/static/{name}", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.content == read_static(name)
        assert "immutable" in answer.headers["cache-control"]
        plain = browser.client.get(f"/static/{name}", headers={"accept-encoding": "identity"})
        assert plain.content == read_static(name)


def test_nobody_keeps_one_versions_style_at_the_address_of_another(browser):
    asked = browser.client.get("/sign-in").text
    (address,) = set(re.findall(r"/static/mawid\.css\?v=\w+", asked))
    assert "immutable" in browser.client.get(address).headers["cache-control"]

    other = browser.client.get("/static/mawid.css?v=0123456789")
    assert (other.content, other.headers["cache-control"]) == (read_static("mawid.css"), "no-store")


def test_the_typeface_is_small_and_no_page_waits_for_it(browser):
    fonts = re.findall(r'url\("?([\w.-]+\.woff2)', read_static("mawid.css").decode())
    assert sum(len(read_static(name)) for name in fonts) <= 60 * 1024
    assert read_static("mawid.css").count(b"font-display:swap") == len(fonts) == 2
    answer = browser.client.get(f"/static/{fonts[0]}")
    assert answer.headers["content-type"] == "font/woff2"
    assert "immutable" in answer.headers["cache-control"]
