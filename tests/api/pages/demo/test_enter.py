"""The demonstration's door: one button enters as a ready account, a tour leads on, and nowhere else is it served."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from starlette.routing import Match

from api.pages.demo import enter
from api.pages.demo.account_words import DESCRIBED
from api.pages.shared.tour import STOPS, TOUR_COOKIE
from booking.entrypoints.demo.stage import MADE_BY_DEMO, Kept, Ready, is_kept, write_ready
from booking.platform.base.settings import Environment, SecondFactor
from booking.platform.languages.language import read_language
from booking.platform.models import Account
from tests.support.country import PASSWORD, START, an_account

DOORS = ("/demo", "/demo/tour")


@pytest.fixture
def demo(core, country_url, tmp_path):
    """A country that a demonstration made: its mark, its file, its folder."""
    comment(country_url, MADE_BY_DEMO)
    change(core, state_dir=tmp_path)
    an_account_named(core, "citizen")
    write_ready(
        tmp_path, Kept([Ready("citizen", PASSWORD, "/me", "an appointment")], (START, START + timedelta(hours=4)))
    )
    return core


def comment(url, words):
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(words))


def an_account_named(core, username):
    account_id = an_account(core)
    with core.sessions.begin() as session:
        session.get_one(Account, account_id).username = username


def change(core, **settings):
    object.__setattr__(core, "settings", core.settings.model_copy(update=settings))


def test_one_button_enters_as_a_ready_account(demo, browser):
    browser.go("/demo").send(username="citizen")

    assert browser.path == "/me"
    assert browser.go("/me/security").status == 200


@pytest.mark.parametrize("code", ["ckb", "ku"])
def test_it_is_shown_whole_in_the_language_behind_a_translated_one(code):
    assert not read_language(code).is_spoken_on(enter.__name__.removeprefix("api.pages.").replace(".", "/"))


def test_the_tour_leads_from_page_to_page_and_ends(demo, browser):
    browser.go("/demo/tour").send(0)
    assert browser.path == STOPS[0].path
    assert 'class="tour' in browser.text

    browser.send(next(i for i, form in enumerate(browser.forms()) if form.fields.get("stop") == ["2"]))
    assert browser.path == "/me"

    browser.send(next(i for i, form in enumerate(browser.forms()) if form.fields.get("stop") == ["0"]))
    assert browser.path == "/demo"
    assert 'class="tour' not in browser.go("/").text


def test_what_another_site_sends_enters_nowhere(demo, browser):
    browser.post("/demo", {"username": "citizen"})
    assert browser.go("/me").path.startswith("/sign-in")

    browser.go("/demo").send(headers={"origin": "https://evil.example"}, username="citizen")
    assert browser.go("/me").path.startswith("/sign-in")


def test_only_ready_accounts_are_entered_and_by_their_password(demo, browser):
    an_account_named(demo, "somebody")

    assert browser.go("/demo").send(username="somebody").status == 404

    write_ready(demo.settings.state_dir, Kept([Ready("citizen", "not the password", "/me", "")]))

    assert browser.go("/demo").send(username="citizen").path == "/demo"
    assert browser.go("/me").path.startswith("/sign-in")


def test_no_installation_but_a_demonstration_serves_it(demo, browser, country_url):
    as_it_was = demo.settings
    form = browser.go("/demo").forms()[-1].fields | {"username": ["citizen"], "stop": ["2"]}
    for otherwise in (
        {"environment": Environment.PRODUCTION},
        {"show_outbox": False},
        {"staff_second_factor": SecondFactor.REQUIRED},
        {"state_dir": Path("/nowhere")},
    ):
        change(demo, **otherwise)
        refuses_at_every_door(browser, form)
        assert not is_kept(demo.settings)
        object.__setattr__(demo, "settings", as_it_was)

    comment(country_url, None)  # what somebody else's database lacks
    refuses_at_every_door(browser, form)


def refuses_at_every_door(browser, form):
    assert [browser.go(door).status for door in DOORS] == [404, 404]
    assert [browser.post(door, form).status for door in DOORS] == [404, 404]
    assert browser.go("/me").path.startswith("/sign-in")


def test_every_way_and_every_stop_leads_to_a_page(app):
    paths = {path for one in DESCRIBED.values() for path, _ in one.ways} | {one.path for one in STOPS}
    asked = [{"type": "http", "method": "GET", "path": path, "headers": []} for path in sorted(paths)]

    found = [one["path"] for one in asked if any(route.matches(one)[0] is Match.FULL for route in app.routes)]

    assert found == sorted(paths)


def test_a_cookie_of_somebody_elses_making_shows_no_tour(browser):
    for kept in ("0", "11", "100", "x", "-1"):
        browser.client.cookies.set(TOUR_COOKIE, kept)
        assert 'class="tour' not in browser.go("/").text
