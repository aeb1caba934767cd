"""The command itself: its version, its words where a server is away, and that the runbook names real commands."""

import re
import sys
from importlib import metadata

import pytest
import typer

from api.main import app_from_settings
from booking import cli
from booking.platform.base import logs
from deploy.checks.free_ports import free_port
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

DOCS = ROOT / "docs"


@pytest.fixture
def start(monkeypatch, capfd, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["mawid", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capfd.readouterr()  # of its processes, too
        return ended.value.code, told.out + told.err

    return run


def test_the_command_prints_its_version(start):
    assert start("--version") == (0, f"mawid {metadata.version('mawid')}\n")


@pytest.mark.parametrize("words", [("audit", "verify"), ("migrate",), ("backup", "b"), ("serve",), None])
def test_an_unreachable_database_is_reported_in_one_line(start, monkeypatch, words):
    monkeypatch.setattr(logs, "configure", lambda **_: None)
    monkeypatch.setenv("MAWID_DATABASE_URL", f"postgresql://me:hunter2@127.0.0.1:{free_port()}/mawid")
    monkeypatch.setenv("MAWID_REDIS_URL", "unix:///nowhere")

    if words:
        code, told = start(*words)
    else:
        with pytest.raises(SystemExit) as ended:
            app_from_settings()
        code, told = 1, f"{ended.value.code}\n"

    assert code == 1
    assert "OperationalError: the database does not do its part: connection failed" in told
    assert "Connection refused" in told
    assert len([line for line in told.splitlines() if "register_of_invented_people" not in line]) == 1
    assert "hunter2" not in told


def test_every_command_that_the_documentation_names_exists():
    named = {
        call.strip()
        for file in DOCS.glob("*.md")
        for call in re.findall(r"(?:`|bin/|^)mawid ([a-z][a-z -]*)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 30
    assert [call for call in sorted(named) if not exists(call)] == []


def exists(call):
    command = typer.main.get_command(cli.app)
    for word in call.split():
        if not hasattr(command, "commands"):
            return True
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


def test_a_web_process_reports_a_wrong_setting_in_one_line(monkeypatch):
    monkeypatch.setattr(logs, "configure", lambda: None)
    monkeypatch.setenv("MAWID_WORKER", "1")

    with pytest.raises(SystemExit, match=r"^SettingsError: MAWID_WORKER is unknown$"):
        app_from_settings()
