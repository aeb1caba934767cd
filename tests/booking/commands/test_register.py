"""The commands ``mawid register``: a register is tried without names in the shell's history, and people are listed."""

import pytest
from typer.testing import CliRunner

from booking.base.settings import SettingsError
from booking.cli import app
from booking.registers.visitors import INVITED
from tests.booking.registers.people import MOTHER, invented_people
from tests.stand_in import TOKEN, serving

TYPED = f"{MOTHER.number}\n{MOTHER.name}\n2/3/1984\n"
PRODUCTION = {
    "ENVIRONMENT": "production",
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


def test_people_are_listed_with_their_papers_and_never_in_production(monkeypatch):
    listed = CliRunner().invoke(app, ["register", "people"], catch_exceptions=False).output

    assert [line.split()[0] for line in listed.splitlines()] == list(INVITED)
    assert all(one.name in listed for one in INVITED.values())

    for name, value in PRODUCTION.items():
        monkeypatch.setenv(f"MAWID_{name}", value)
    with pytest.raises(SettingsError, match="no place in production"):
        CliRunner().invoke(app, ["register", "people"], catch_exceptions=False)
