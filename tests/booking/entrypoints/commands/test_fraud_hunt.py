import json
import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from booking.cli import app
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

SMALL = ["fraud", "hunt", "--against", "race", "--people", "500", "--days", "7", "--tries", "8", "--judged", "1"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The record of a hunt that was killed after its first generation, before it wrote what it found."""
    folder = tmp_path_factory.mktemp("hunt")
    state, out = folder / "hunt.jsonl", folder / "hunt.json"
    command = [sys.executable, "-P", "-m", "booking", *SMALL, "--state", str(state), "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as hunting:
        assert hunting.stderr is not None
        told = hunting.stderr.readline()
        hunting.send_signal(signal.SIGKILL)
    assert told.startswith("generation 1 of 1")
    assert not out.exists()
    return state.read_bytes()


@pytest.fixture
def state(killed, tmp_path):
    """A copy of that record."""
    path = tmp_path / "hunt.jsonl"
    path.write_bytes(killed)
    return path


def test_a_hunt_that_was_killed_goes_on_and_ends_with_the_same_bytes(state, killed, tmp_path, monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", "postgresql://nobody@localhost:1/nothing")
    whole, out = tmp_path / "whole.json", tmp_path / "hunt.json"
    kept = killed.splitlines()

    result = CliRunner().invoke(app, [*SMALL, "--state", str(state), "--out", str(out)])
    assert result.exit_code == 0, result.output
    undisturbed = CliRunner().invoke(app, [*SMALL, "--out", str(whole)])
    assert undisturbed.exit_code == 0, undisturbed.output

    assert out.read_bytes() == whole.read_bytes()
    assert state.read_bytes().splitlines()[: len(kept)] == kept
    for words in ("rotating bot", "café", "per_phone", "profit"):
        assert words in result.output
    assert json.loads(out.read_text())["settings"]["world"]["people"] == 500


def test_the_record_of_another_hunt_ends_the_command_with_a_sentence(state, killed):
    refused = CliRunner().invoke(app, [*SMALL, "--state", str(state), "--seed", "2"])

    assert refused.exit_code == 1
    assert "another hunt" in refused.output
    assert state.read_bytes() == killed
