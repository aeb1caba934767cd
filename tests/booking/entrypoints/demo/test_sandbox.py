"""A sandbox: known accounts that the API takes, the same people for a seed, and nobody else's database."""

import json
import stat
from datetime import timedelta
from itertools import islice

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.main import create_app
from booking.entrypoints.demo.sandbox import (
    PASSWORD,
    PLACE,
    hold_a_draw,
    hold_a_night,
    invite,
    numbers_of,
    run,
    told,
    write_known,
)
from booking.entrypoints.demo.stage import MADE_BY_DEMO, NotOursError, Stage, empty_database
from booking.opening import open_core
from booking.platform.models import Draw, SwapNight, SwapState
from booking.platform.models.states import DrawState
from booking.scheduling.swaps.schedule import advance_swaps
from tests.support.country import cheap_settings
from tests.support.roles import as_app


@pytest.fixture
def country(country_url, redis_url, clock, tmp_path):
    """A country that is set up already, with a state folder of its own."""
    settings, urls = cheap_settings(state_dir=tmp_path), {"database_url": as_app(country_url), "redis_url": redis_url}
    with open_core(settings, clock=clock, **urls) as core:
        yield core


@pytest.fixture
def known(country, clock):
    """The accounts by name."""
    return {one.username: one for one in invite(country, clock, seed=1)}


@pytest.fixture
def program(country):
    with TestClient(create_app(country), base_url="http://localhost:8000/api/v1") as client:
        yield client


def test_every_account_is_ready_for_a_program(known, program, country):
    for name, states in (("amal", []), ("nour", []), ("rima", []), ("basel", ["accepted"]), ("dima", ["drawn"])):
        who = known[name]
        headers = {"Authorization": f"Bearer {who.token}"}
        members = program.get("/household/members", headers=headers).json()["members"]
        assert [one["id"] for one in members] == list(who.people)
        assert {one["level"] for one in members} == {"proven"}
        requests = program.get("/requests", headers=headers).json()["requests"]
        assert [one["state"] for one in requests] == states, name
        assert [one["reference"] for one in requests] == [who.request] * len(states)
    shown = program.get(
        f"/appointments/{known['dima'].appointment}", headers={"Authorization": f"Bearer {known['dima'].token}"}
    )
    assert shown.json()["state"] == "confirmed"
    begun = program.post("/sessions", json={"username": "amal", "password": PASSWORD})
    assert begun.status_code == 200
    assert known["officer"].token == ""
    books_two_services_at_once(known["rima"], program)


def books_two_services_at_once(who, program):
    """Find both services on the page of free times, and hold them as one visit."""
    wife, husband = who.people
    site, session = "http://localhost:8000", {"Cookie": f"mawid={who.token}"}
    page = program.get(f"{site}/instant/home/passport-renewal/damascus", headers=session).text
    assert f'name="also" value="new-passport:{husband}"' in page
    where = {"service": "passport-renewal", "office": "damascus", "people": 2}
    wish = {"service": "passport-renewal", "people": [wife], "also": [{"service": "new-passport", "people": [husband]}]}
    held = program.post(
        "/holds",
        json={**wish, "slot": program.get("/instant-slots", params=where).json()["slots"][0]["id"]},
        headers={"Authorization": f"Bearer {who.token}", "Idempotency-Key": "both"},
    )
    assert held.json()["state"] == "held"


def test_the_same_seed_makes_the_same_people(country):
    first, again, other = (list(islice(numbers_of(country, seed), 5)) for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 5


def test_its_draw_closes_soon(country, clock):
    hold_a_draw(country, closes_in=timedelta(minutes=10))
    with country.sessions() as session:
        draw = session.scalars(select(Draw)).one()
    assert draw.state is DrawState.OPEN
    assert draw.closes_at == clock.now() + timedelta(minutes=10)


def test_its_night_of_the_exchange_closes_soon_and_the_schedule_waits_for_it(country, clock):
    hold_a_night(country, closes_in=timedelta(minutes=30))
    assert advance_swaps(country) == []
    clock.advance(timedelta(minutes=30))
    assert advance_swaps(country)[0].startswith("x-sandbox ")
    with country.sessions() as session:
        night = session.scalars(select(SwapNight).where(SwapNight.reference == "x-sandbox")).one()
    assert night.state is not SwapState.ANNOUNCED
    assert night.closed_at == clock.now()


def test_accounts_are_written_for_their_owner_alone(known, country, tmp_path):
    path = tmp_path / "sandbox.json"
    stage = Stage(country.settings, "", "")
    for _ in range(2):
        write_known(path, stage, list(known.values()))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["accounts"]["amal"]["token"] == known["amal"].token
    said = "\n".join(told(stage, path, list(known.values())))
    assert "nobody in it is real" in said
    assert known["amal"].token not in said


@pytest.mark.parametrize("made_by", ["", MADE_BY_DEMO])
def test_a_database_that_holds_anything_else_is_left_alone(database_url, made_by):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"COMMENT ON SCHEMA public IS '{made_by}'")
    with pytest.raises(NotOursError, match="did not make it"):
        empty_database(database_url, PLACE.mark)


def test_a_demonstration_leaves_a_sandbox_alone(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"COMMENT ON SCHEMA public IS '{PLACE.mark}'")
    with pytest.raises(NotOursError):
        empty_database(database_url)
    empty_database(database_url, PLACE.mark)


def test_production_is_no_sandbox(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, value in (
        *(("ENVIRONMENT", "production"), ("SECRET_KEY", "x" * 40), ("BASE_URL", "https://mawid.example")),
        *(("REGISTER_URL", "https://register.example"), ("REGISTER_TOKEN", "t" * 32)),
        *(("BEACON", "drand"), ("WITNESSES", "witnesses.txt")),
    ):
        monkeypatch.setenv(f"MAWID_{name}", value)
    with pytest.raises(NotOursError, match="production"):
        run(seed=1, draw_in=timedelta(1), exchange_in=timedelta(1), serve=False, host="127.0.0.1", port=8000)
