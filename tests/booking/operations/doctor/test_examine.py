"""A working country has no fault, is not changed by the look, and what cannot be looked at is said."""

import json
import shutil
import sys

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from booking import cli
from booking.operations.doctor.examine import INSIDE, OUTSIDE, WITH_DATABASE, _reading_core
from booking.operations.doctor.findings import State
from booking.transparency.log.log import sequence
from tests.booking.operations.doctor.test_machine import Disk
from tests.support.country import a_request, cheap_settings
from tests.support.roles import is_pooled, past_the_roles, servers_of

NOT_RUNNING = {"worker and jobs": State.FAULT, "database server": State.FAULT}
"""No worker runs in a test, and its server writes nothing to disk."""


def test_a_working_country_is_well_and_an_examination_writes_nothing(country, examined, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100 << 30, 10 << 30, 90 << 30))  # whatever is here
    a_request(country)
    sequence(country)
    with past_the_roles(country) as session:  # whatever wrote would fail, and be found
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))

    looked = examined(evidence_dir=tmp_path)

    assert list(looked) == [one.name for one in (*OUTSIDE, *WITH_DATABASE, *INSIDE)]
    found = {name: (one.state, one.findings) for name, one in looked.items() if one.state is not State.WELL}
    assert {name: state for name, (state, _) in found.items()} == NOT_RUNNING | {
        "backups": State.WARNING,
        "draws": State.WARNING,
    }, found
    assert [one.words for one in looked["database server"].findings] == [
        "off: fsync, synchronous_commit, full_page_writes: acknowledged requests are lost when the server falls"
    ]


def test_a_quick_examination_reads_no_whole_table(examined):
    looked = examined(quick=True)

    slow = {one.name for one in (*OUTSIDE, *WITH_DATABASE, *INSIDE) if one.slow}
    assert {name for name, one in looked.items() if one.why_not == "a quick examination"} == slow


def test_servers_that_are_away_are_found_and_the_rest_is_left_out(examined):
    looked = examined(redis="unix:///nowhere", quick=True)
    assert "Valkey does not do its part" in looked["Valkey"].findings[0].words
    assert looked["places"].state is State.WELL

    looked = examined(url="postgresql+psycopg://nobody@127.0.0.1:9/none", quick=True)
    assert "the database does not do its part" in looked["database server"].findings[0].words
    assert looked["places"].why_not == "the database does not answer"


def test_another_secret_is_found_and_the_data_is_not_opened(examined):
    looked = examined(secret_key=SecretStr("another secret that is long enough for it"), quick=True)

    assert "is not the one that sealed" in looked["secret"].findings[0].words
    assert "is not the secret that sealed this database" in looked["start"].findings[0].words
    assert looked["places"].state is State.NOT_LOOKED_AT


def test_a_newer_schema_and_an_empty_database_are_said(country, country_url, examined):
    with past_the_roles(country) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "newer than this version" in examined(quick=True)["schema"].findings[0].words

    with past_the_roles(country) as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    looked = examined(quick=True)
    assert "nothing was ever started on this database" in looked["start"].findings[0].words


def test_the_command_ends_with_one_where_a_fault_is_and_speaks_json(
    country, country_url, redis_url, monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_DATABASE_URL", servers_of(country_url).database_url)
    monkeypatch.setenv("MAWID_DATABASE_POOLED", str(is_pooled()))
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)
    monkeypatch.setenv("MAWID_SECRET_KEY", country.settings.secret_key.get_secret_value())
    monkeypatch.setattr(sys, "argv", ["mawid", "doctor", "--quick", "--json"])

    with pytest.raises(SystemExit, match="1"):
        cli.main()
    said = json.loads(capsys.readouterr().out)

    assert said["ok"] is False
    (one,) = (check for check in said["checks"] if check["check"] == "worker and jobs")
    assert one["state"] == "fault"
    assert {"level", "words", "remedy"} == one["findings"][0].keys()

    monkeypatch.setenv("MAWID_WORKERS", "many")
    monkeypatch.setattr(sys, "argv", ["mawid", "doctor"])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "fault: MAWID_WORKERS: " in capsys.readouterr().out


def test_no_connection_of_an_examination_may_write(country_url, redis_url, clock):
    servers = servers_of(country_url)._replace(redis_url=redis_url)
    with (
        _reading_core(cheap_settings(), servers, clock) as core,
        core.sessions() as session,
        pytest.raises(InternalError, match="read-only transaction"),
    ):
        session.execute(text("UPDATE office SET active = active"))
