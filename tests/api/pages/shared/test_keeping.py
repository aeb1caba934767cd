"""What a phone may keep for when there is no network, for how long, and what an installed site is called."""

import gzip
import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from api.pages.shared.keeping import KEEP_HEADER, TYPED_FORMS, end_of_day
from api.pages.shared.static import read_static
from booking.platform.models import Account, Appointment
from booking.platform.models.states import Role
from tests.api.pages import people
from tests.booking.antifraud.gate.people import an_appointment
from tests.support.country import PASSWORD, an_account

WEEK = 7 * 24 * 3600
ZONES = st.sampled_from(["Asia/Damascus", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Kiritimati"])


@pytest.fixture
def booked(core, browser):
    """Somebody with a confirmed appointment, signed in."""
    reference, _, _ = an_appointment(core)
    with core.sessions() as session:
        appointment = session.scalar(select(Appointment).where(Appointment.reference == reference))
        username = session.get_one(Account, appointment.request.account_id).username
        starts_at = appointment.starts_at
    browser.go("/sign-in").send(username=username, password=PASSWORD)
    return browser, reference, starts_at


def test_a_pass_may_be_kept_until_its_day_is_over_at_the_office(booked, clock):
    browser, reference, starts_at = booked
    browser.go(f"/appointments/{reference}/pass")
    left = timedelta(seconds=int(browser.response.headers[KEEP_HEADER]))
    over = (clock.now() + left).astimezone(ZoneInfo("Asia/Damascus"))
    assert (over.hour, over.minute, over.second) == (0, 0, 0)
    assert over.date() == starts_at.astimezone(ZoneInfo("Asia/Damascus")).date() + timedelta(days=1)
    assert "data-away hidden" in browser.text


def test_the_pass_of_a_past_day_may_not_be_kept(booked, clock, core):
    browser, reference, starts_at = booked
    with core.sessions() as session:
        username = session.scalar(select(Account.username))
    clock.set(end_of_day(starts_at, "Asia/Damascus"))
    people.come_back(browser, username, f"/appointments/{reference}/pass")
    assert browser.status == 200
    assert KEEP_HEADER not in browser.response.headers


def test_a_plan_may_be_kept_for_a_week_and_other_pages_not(booked):
    browser, reference, _ = booked
    browser.go("/plan/passport-renewal")
    assert browser.response.headers[KEEP_HEADER] == str(WEEK)
    assert browser.response.headers["cache-control"] == "no-store"
    for path in ("/", "/me", "/household", f"/appointments/{reference}", "/without-network", "/plan"):
        assert KEEP_HEADER not in browser.go(path).response.headers, path


@pytest.mark.neighbours
def test_staff_computers_keep_no_pages(staff, core):
    browser = staff(Role.OFFICER)
    people.add_person(browser, core)
    browser.go("/plan/passport-renewal")
    assert browser.status == 200
    assert KEEP_HEADER not in browser.response.headers
    assert keys_of(browser, "/ask/begin/passport-renewal") == set()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), ZONES)  # noqa: DTZ001 - made aware below
@settings(max_examples=50)
def test_a_local_day_ends_within_a_day_at_midnight(instant, zone):
    instant = instant.replace(tzinfo=UTC)
    end = end_of_day(instant, zone)
    assert timedelta(0) < end - instant <= timedelta(hours=25)
    day = instant.astimezone(ZoneInfo(zone)).date()
    assert end.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)
    assert (end - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day


@pytest.mark.neighbours
@pytest.mark.parametrize(("language", "name", "direction"), [("ar", "موعد", "rtl"), ("en", "Mawid", "ltr")])
def test_a_site_is_installed_under_its_name_with_its_icons(browser, language, name, direction):
    browser.go(f"/language/{language}?back=/")
    link = browser.text.partition('rel="manifest" href="')[2].partition('"')[0]
    answer = browser.client.get(link)
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["short_name"], manifest["dir"], manifest["lang"]) == (name, direction, language)
    assert {one["purpose"] for one in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = browser.client.get(icon["src"])
        assert picture.headers["content-type"] == "image/png"
        assert "x".join(map(str, Image.open(BytesIO(picture.content)).size)) == icon["sizes"]
    assert "manifest-src 'self'" in browser.response.headers["content-security-policy"]
    assert browser.client.get("/manifest-xx.webmanifest").status_code == 404


@pytest.mark.neighbours
def test_the_script_that_keeps_pages_is_small_and_always_revalidated(browser):
    answer = browser.client.get("/keeper.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content)) < 2560
    assert len(gzip.compress(read_static("keep.js"))) < 512


def keys_of(browser, *paths):
    return {found[1] for path in paths for found in re.finditer(r'data-key="([^"]+)"', browser.go(path).text)}


def test_form_pages_alone_carry_the_accounts_key_for_sealing_text(booked, core, new_browser):
    browser, reference, _ = booked
    with core.sessions() as session:
        username = session.scalar(select(Account.username))
    (key,) = keys_of(browser, "/ask/begin/passport-renewal", "/abroad/begin/passport-renewal")
    assert len(b64decode(key)) == 32
    assert keys_of(browser, "/me", "/services", f"/appointments/{reference}", "/me/notices", "/sign-out") == set()

    again = new_browser().go("/sign-in").send(username=username, password=PASSWORD)
    assert keys_of(again, "/ask/begin/passport-renewal") == {key}
    with core.sessions() as session:
        other = session.get_one(Account, an_account(core)).username
    stranger = new_browser().go("/sign-in").send(username=other, password=PASSWORD)
    assert keys_of(stranger, "/ask/begin/passport-renewal") not in ({key}, set())
    assert keys_of(new_browser(), "/ask/begin/passport-renewal", "/register", "/sign-in") == set()


def test_the_worker_and_the_pages_know_the_same_forms():
    known = re.search(r"TYPING=/\^(.+?)\$/;", read_static("keeper.js").decode())[1]
    assert known.replace("\\/", "/") == TYPED_FORMS.pattern


def test_the_worker_removes_what_it_kept_wherever_an_account_is_left():
    """Closing an account is the last that somebody does at a computer that others use next."""
    leaving, for_good = (
        re.search(rf"{name}=/\^(.+?)\$/;", read_static("keeper.js").decode())[1].replace("\\/", "/")
        for name in ("LEAVING", "FOR_GOOD")
    )
    assert all(re.fullmatch(leaving, path) for path in ("/sign-out", "/sign-in", "/register", "/me/account/close"))
    assert [bool(re.fullmatch(for_good, path)) for path in ("/sign-out", "/me/account/close", "/sign-in")] == [1, 1, 0]
