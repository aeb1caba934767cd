"""The commands ``mawid register``: a register is tried without names in the shell's history, and people are listed."""

import threading
from http.server import ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.people.registers.synthetic import INVITED
from booking.platform.base.settings import SettingsError
from tests.booking.people.registers.people import MOTHER, invented_people
from tests.booking.people.registers.smallest import Register
from tests.support.stand_in import TOKEN, serving

TYPED = f"{MOTHER.number}\n{MOTHER.name}\n2/3/1984\n\n"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "BEACON": "drand",
    "WITNESSES": "witnesses.txt",
    "SECRET_KEY": "s" * 32,
    "BASE_URL": "https://mawid.example",
    "REGISTER_URL": "https://register.example",
    "REGISTER_TOKEN": "t" * 32,
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tried(clock, monkeypatch):
    def try_it(token):
        monkeypatch.setenv("MAWID_REGISTER_TOKEN", token)
        with serving(invented_people(clock)) as address:
            monkeypatch.setenv("MAWID_REGISTER_URL", address)
            return CliRunner().invoke(app, ["register", "try"], input=TYPED)

    return try_it


def test_a_register_is_tried_with_what_is_typed(tried):
    done = tried(TOKEN)

    assert (done.exit_code, "person yes, name yes, birth date yes" in done.output) == (0, True)


def test_a_register_that_refuses_us_is_told_by_kind_and_status(tried):
    done = tried("the-token-of-somebody")

    assert (done.exit_code, done.output.splitlines()[-1]) == (1, "away: refuses_us")


def test_the_smallest_register_does_all_that_is_tried(monkeypatch):
    """The one that `docs/identity.md` shows to those who write their own."""
    typed = "01010000001\nسلمى الورد\n17/5/1990\n"
    with ThreadingHTTPServer(("127.0.0.1", 0), Register) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        monkeypatch.setenv("MAWID_REGISTER_URL", f"http://127.0.0.1:{server.server_port}")
        said = [CliRunner().invoke(app, ["register", "try"], input=typed + card).output for card in ("C123\n", "C1\n")]
        server.shutdown()

    assert all("person yes, name yes, birth date yes" in one for one in said)
    assert ["card taken, facts given" in said[0], "card not taken" in said[1]] == [True, True]


def test_people_are_listed_with_their_papers_and_never_in_production(monkeypatch):
    listed = CliRunner().invoke(app, ["register", "people"], catch_exceptions=False).output

    assert [line.split()[0] for line in listed.splitlines()] == list(INVITED)
    assert all(one.name in listed for one in INVITED.values())

    for name, value in PRODUCTION.items():
        monkeypatch.setenv(f"MAWID_{name}", value)
    with pytest.raises(SettingsError, match="no place in production"):
        CliRunner().invoke(app, ["register", "people"], catch_exceptions=False)
