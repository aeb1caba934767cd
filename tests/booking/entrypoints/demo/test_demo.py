"""The whole demonstration, small: played once in a process of its own, then looked at from outside."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.pages.demo.account_words import words_for
from api.pages.shared.tour import STOPS
from booking.entrypoints.demo.stage import SECURITY_LOG
from booking.platform.embedded import EmbeddedPostgres

pytestmark = pytest.mark.slow

CHEAP_PASSWORDS = {"MAWID_PASSWORD_HASH_MEMORY_KIB": "64", "MAWID_PASSWORD_HASH_ROUNDS": "1"}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def played(state: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAWID_")}
    return subprocess.run(
        [sys.executable, "-m", "booking", "demo", "--no-serve", "--people", "300", "--seed", "3"],
        env=environment | CHEAP_PASSWORDS | {"MAWID_STATE_DIR": str(state)},
        check=False,
        capture_output=True,
        text=True,
        timeout=1_500,
    )


@pytest.fixture(scope="module")
def report(played: subprocess.CompletedProcess[str], state: Path) -> dict[str, Any]:
    assert played.returncode == 0, played.stdout[-2000:] + played.stderr[-2000:]
    return json.loads((state / "demo" / "report.json").read_text())


@pytest.fixture(scope="module")
def left_running(played, state: Path) -> bool:
    """Whether the demonstration's own server, or what it left of it, was there when it had ended."""
    return (state / "demo" / "postgresql" / "data" / "postmaster.pid").exists()


@pytest.fixture(scope="module")
def database(left_running, state: Path) -> Iterator[psycopg.Connection]:
    """What the demonstration left in its database."""
    with EmbeddedPostgres(state / "demo" / "postgresql") as server, psycopg.connect(server.dsn) as connection:
        yield connection


def test_the_demo_ends_with_its_report_on_one_page(played, report):
    page = played.stdout[played.stdout.index("A booking day") :]

    assert "What brokers and bots got" in page
    assert page.count("\n") < 70


def test_every_check_of_the_published_files_passes(report):
    assert [draw["reference"] for draw in report["draws"]] == ["day-1", "day-2"]
    for draw in report["draws"]:
        passed, made = draw["checks"]
        assert passed == made > 10


def test_witnesses_find_nothing_in_the_log_and_catch_an_insider_on_a_copy(played, report):
    said = [sentence for one in report["witnesses"]["caught"] for sentence in one["said"]]

    assert report["witnesses"]["contradictions"] == 0
    assert any("a second closing statement is in the log" in one for one in said)
    assert any("rewrote its history: entry" in one for one in said)
    assert "an insider takes a request out of the log" in " ".join(played.stdout.split())


def test_more_people_ask_than_there_are_places(report):
    figures = report["draws"][0]["figures"]

    assert 0 < figures["served_requests"] < figures["asked_requests"]
    assert figures["used"] <= figures["places"]


def test_brokers_hold_more_places_under_first_come_first_served(report):
    without_gate = report["first_come"][0]["units"][0]

    assert report["draws"][0]["hoarded_units"] < without_gate / 2


def test_freed_places_go_to_the_next_draw_and_never_straight_back(report):
    assert 0 < report["freed"]["given_again"] <= report["freed"]["units"]
    assert report["answers"].get("rebook_freed_place", 0) == 0


def test_a_night_of_the_exchange_is_decided_for_some_who_confirmed(report, database):
    night = report["night"]
    outcomes = dict(database.execute("SELECT outcome, count(*) FROM swap_entry GROUP BY 1").fetchall())

    assert 0 < night["holders"] == sum(outcomes.values())
    assert night["moved"] == outcomes.get("moved", 0)  # six of twenty-one or so; the beacon decides
    assert database.execute("SELECT state FROM swap_night").fetchall() == [("done",)]


def test_losers_of_the_first_draw_come_before_newcomers_in_the_second(report):
    served, asked = report["draws"][1]["carried"]
    groups = report["draws"][1]["figures"]["groups"]["priority"]

    assert (groups["1"]["served"], groups["1"]["asked"]) == (served, asked)
    assert served > 0


def test_a_person_added_twice_becomes_a_case_for_officers(report, database):
    assert report["linked"]["pairs"] >= 1
    levels = database.execute("SELECT evidence -> 'levels' ->> 'national_number' FROM review_case").fetchall()
    assert ("one_off",) in levels


def test_households_are_proven_and_hoarders_prove_few_of_their_people(report, database):
    accounts = report["accounts"]
    levels = dict(database.execute("SELECT level, count(*) FROM household_member GROUP BY level").fetchall())

    assert 0 < accounts["proven by hoarders"] < accounts["person"] - accounts["proven"]
    assert accounts["proven"] + accounts["proven by hoarders"] <= levels["proven"]
    assert sum(levels.values()) > levels["proven"] > sum(levels.values()) / 2


def test_the_limits_were_never_degraded(report):
    assert report["honest"]["degraded"] == report["hoarders"]["degraded"] == 0


def test_no_pool_is_oversold_and_every_taken_place_belongs_to_an_appointment(report, database):
    assert report["oversold"] == 0
    taken = database.execute("SELECT sum(taken), count(*) FILTER (WHERE taken > places) FROM slot_pool").fetchone()
    held = database.execute(
        """
        SELECT sum(places) FROM appointment_places JOIN appointment ON appointment.id = appointment_id
        WHERE state NOT IN ('cancelled', 'lapsed')
        """
    ).fetchone()

    assert taken == (held[0], 0)


def test_no_log_of_the_whole_day_names_anybody(played, state, database):
    folder = state / "demo"
    rows = database.execute(
        """
        SELECT name FROM household_member UNION SELECT username FROM account WHERE roles = '{citizen}'
        UNION SELECT to_char(birth_date, 'YYYY-MM-DD') FROM person UNION SELECT note FROM verdict WHERE note <> ''
        """
    ).fetchall()
    logs = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*/*.log"))]

    assert len(logs) == 2
    assert len(rows) > 300
    for said in (*logs, played.stderr, (folder / SECURITY_LOG).read_text(encoding="utf-8")):
        assert [one for (one,) in rows if one in said] == []
        assert re.findall(r"(?<![0-9a-f-])(?:\d{11}|\+?963\d{9}|09\d{8})(?![0-9a-f-])", said) == []  # numbers, phones


def test_every_ready_account_has_its_words_on_the_page_and_its_place_in_the_tour(report, state):
    file = state / "demo" / "ready-accounts.json"
    names = {one["username"] for one in json.loads(file.read_text(encoding="utf-8"))["accounts"]}

    assert all(words_for(name).ways for name in names)
    assert {one.username for one in STOPS if one.username} <= names
    assert {"analyst", "analyst-2"} <= names
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_state_is_left_running_after_the_demo(left_running):
    assert not left_running
