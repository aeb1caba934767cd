"""The commands of a whole draw, one after the other."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from booking.entrypoints.commands import draw as commands
from booking.platform.base.errors import DrawNotReadyError, InvalidInputError
from booking.platform.models.states import Pool
from booking.scheduling.draws.format2.tables import FOR_EVERYONE, FOR_OBSERVERS
from booking.scheduling.draws.own_receipt import own_receipt


@pytest.fixture
def mawid_draw(world, monkeypatch):
    @contextmanager
    def command_core():
        yield world.core

    monkeypatch.setattr(commands, "command_core", command_core)

    def command(*words):
        result = CliRunner().invoke(commands.app, list(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return command


def test_a_draw_from_announcement_to_verification(world, mawid_draw, tmp_path):
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1]})
    reference = world.ask("a")
    world.ask("a")
    times = ["--opens-at", "2026-11-01T06:00", "--closes-at", "2026-11-01T07:00"]
    days = ["--first", world.first_day.isoformat(), "--last", world.first_day.isoformat()]

    assert "commitment to the seed: " in mawid_draw("announce", "d1", *times, *days)
    assert mawid_draw("open", "d1") == "d1 is open\n"
    with pytest.raises(DrawNotReadyError):
        mawid_draw("close", "d1")
    world.clock.advance(timedelta(hours=1))
    assert "root: " in mawid_draw("close", "d1")
    assert mawid_draw("run", "d1").startswith("d1 is drawn: 1 of 2 requests, 1 of 2 people, gap 0.0000%")
    assert "seed: " in mawid_draw("publish", "d1")
    assert len(mawid_draw("export", "d1", str(tmp_path / "d1")).splitlines()) == len(FOR_EVERYONE) + len(FOR_OBSERVERS)
    own = own_receipt(world.core, account_id=world.request(reference).account_id, reference=reference)
    (tmp_path / own.name).write_bytes(own.content)
    assert "FAILED" not in mawid_draw("verify", str(tmp_path / "d1"), "--receipt", str(tmp_path / own.name))


def test_the_command_takes_every_due_step_and_lists_it(world, mawid_draw):
    world.closed("d1")

    assert mawid_draw("advance").splitlines() == ["d1 drawn", "d1 published"]


def test_a_draw_is_given_up_by_a_command_for_a_reason(world, mawid_draw):
    world.closed("d1")

    assert mawid_draw("abandon", "d1", "--reason", "a flood") == "d1 is abandoned: a flood\n"
    assert mawid_draw("advance") == ""
    with pytest.raises(InvalidInputError):
        mawid_draw("abandon", "d1", "--reason", " ")


def test_limits_are_changed_and_shown(mawid_draw, policy):
    policy()

    assert 'draw_mechanism="exchange"\n' in mawid_draw("limits")
    changed = mawid_draw("limits", "draw_mechanism=in-line-order", 'party_compensation={"4": 1300}', "draw_hour=4")

    assert changed.splitlines() == [
        "quota policy 2 is active",
        "draw_every_hours=24",
        "draw_hour=4",
        "horizon_lead_days=5",
        "horizon_days=14",
        'draw_mechanism="in-line-order"',
        'party_compensation={"4": 1300}',
        'publish_lines="coarse"',
    ]


@pytest.mark.parametrize(("change", "words"), [("draw_hour=99", "draw_hour"), ("draw_hour", "expected name=value")])
def test_impossible_limits_are_refused_with_a_message(mawid_draw, policy, change, words):
    policy()

    result = CliRunner().invoke(commands.app, ["limits", change])

    assert result.exit_code == 2
    assert words in result.output
