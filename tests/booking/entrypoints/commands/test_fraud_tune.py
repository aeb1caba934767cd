import json

import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.entrypoints.commands import fraud_rounds, fraud_tune
from fraud.limiting.text import parse_limits
from fraud.rules.rule_set import parse_rules

SMALL = ["--people", "500", "--days", "7"]


@pytest.fixture(autouse=True)
def _without_database(monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", "postgresql://nobody@localhost:1/nothing")
    for command in (fraud_tune, fraud_rounds):
        monkeypatch.setattr(command, "FIRST_MODEL", (1, 6_000))


@pytest.mark.nightly("the search is tried in tests/fraud/hunting/test_tuning.py on each submission")
def test_found_attackers_are_answered_by_policies_that_can_be_proposed(tmp_path):
    found, out = tmp_path / "hunt.json", tmp_path / "policies"
    hunted = [*SMALL, "--tries", "8", "--judged", "1", "--against", "race", "--out", str(found)]
    assert CliRunner().invoke(app, ["fraud", "hunt", *hunted]).exit_code == 0

    result = CliRunner().invoke(app, ["fraud", "tune", str(found), *SMALL, "--tries", "12", "--out", str(out)])

    assert result.exit_code == 0, result.output
    assert "as it is" in result.output
    told = json.loads((out / "policies.json").read_text())
    for place in range(len(told)):
        parse_rules((out / str(place) / "rules.toml").read_text())
        parse_limits((out / str(place) / "limits.toml").read_text())


@pytest.mark.parametrize("command", ["rounds", "tune"])
def test_a_file_that_is_no_record_ends_the_command_with_a_sentence(command, tmp_path):
    state, nobody = tmp_path / "notes.txt", tmp_path / "hunt.json"
    state.write_text("no line of ours\n")
    nobody.write_text('{"tactics": {}}')
    named = [str(nobody)] if command == "tune" else []

    refused = CliRunner().invoke(app, ["fraud", command, *named, *SMALL, "--state", str(state)])

    assert refused.exit_code == 1
    assert "no hunt wrote" in refused.output
    assert state.read_text() == "no line of ours\n"


@pytest.mark.nightly("rounds are tried in tests/fraud/hunting/test_rounds.py on each submission")
def test_rounds_end_with_a_curve(tmp_path):
    out = tmp_path / "rounds"

    result = CliRunner().invoke(app, ["fraud", "rounds", *SMALL, "--tries", "8", "--most", "1", "--out", str(out)])

    assert result.exit_code == 0, result.output
    (only,) = json.loads((out / "rounds.json").read_text())
    assert {"judged", "met", "moves", "move", "tactics"} <= set(only)
