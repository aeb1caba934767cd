"""The stand-in register: it does what its written contract says, and as a process answers on a socket it is given."""

import os
import ssl
import subprocess
from contextlib import contextmanager

import pytest

from api.stand_in_register import create_register, main, openapi
from booking.country.core.register import RegisterCalls
from booking.people.registers.choose import book_of
from booking.people.registers.http import HttpRegister
from booking.people.registers.line import Line, Patience
from booking.people.registers.stand_in import open_stand_in
from booking.people.registers.synthetic import Enrolled, SyntheticRegister
from booking.platform.base.settings import Environment
from tests.booking.people.registers.people import MOTHER
from tests.support.country import cheap_settings
from tests.support.root import ROOT

HOUR = Patience(connect=3600, silence=3600, whole=3600)


def test_the_written_contract_is_what_the_stand_in_does(clock):
    written = (ROOT / "docs" / "register.openapi.json").read_text(encoding="utf-8")

    assert openapi(create_register(SyntheticRegister(clock, ["damascus"]), token="t")) == written


@contextmanager
def started(settings):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MAWID_")}
    with open_stand_in(settings, ()) as stand_in:
        ours |= {"MAWID_STATE_DIR": str(settings.state_dir), **stand_in.environment}
        process = subprocess.Popen(stand_in.command, cwd=ROOT, env=ours, pass_fds=(stand_in.socket,))
        try:
            yield stand_in.environment
        finally:
            process.terminate()
            process.wait()


@pytest.mark.slow
def test_the_process_answers_about_people_in_the_state_folder(clock, tmp_path):
    settings = cheap_settings(state_dir=tmp_path)
    with started(settings) as ours:
        address, token = ours["MAWID_REGISTER_URL"], ours["MAWID_REGISTER_TOKEN"]
        line = Line(address, tls=ssl.create_default_context(), token=token, patience=HOUR)
        register = HttpRegister(line, clock, RegisterCalls())

        assert register.match(MOTHER).person == "no"  # asked before the process was there: it waited
        book_of(settings).add({MOTHER.number: Enrolled(MOTHER.name, MOTHER.birth_date)})
        assert register.match(MOTHER).person == "yes"
        register.close()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            {
                "MAWID_ENVIRONMENT": Environment.PRODUCTION.value,
                "MAWID_SECRET_KEY": "s" * 32,
                "MAWID_BASE_URL": "https://mawid.example",
                "MAWID_REGISTER_URL": "https://register.example",
                "MAWID_REGISTER_TOKEN": "t" * 32,
                "MAWID_BEACON": "drand",
                "MAWID_WITNESSES": "witnesses.txt",
            },
            "no place in production",
        ),
        ({}, "MAWID_REGISTER_TOKEN"),
    ],
    ids=["production", "no token"],
)
def test_the_stand_in_does_not_start_in_production_or_without_a_token(tmp_path, monkeypatch, more, told):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("api.stand_in_register.logs.configure", lambda: None)
    monkeypatch.setattr("sys.argv", ["stand_in_register", "--socket", "0"])
    for name, value in more.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit, match=told):
        main()
