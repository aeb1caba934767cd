import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.entrypoints.commands import fraud_attack
from tests.support.effort import examples


@pytest.mark.slow
def test_the_command_prints_what_attackers_got_without_a_database(monkeypatch):
    monkeypatch.setenv("MAWID_DATABASE_URL", "postgresql://nobody@localhost:1/nothing")
    seed, rows = fraud_attack.FIRST_MODEL
    monkeypatch.setattr(fraud_attack, "FIRST_MODEL", (seed, examples(10_000, nightly=rows)))

    told = CliRunner().invoke(app, ["fraud", "attack", "--seed", "51", "--people", "1000"])

    assert told.exit_code == 0, told.output
    for words in ("rotating bot", "unregistered shop", "hoarders' share of places kept", "our_loss", "money_per_place"):
        assert words in told.output
