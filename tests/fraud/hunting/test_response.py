import json
from dataclasses import replace
from typing import NamedTuple

import pytest

from fraud.attackers.parameters import BROKER, HOARDER
from fraud.hunting import Defence, OtherHuntError, Record, Settings, hunt
from fraud.hunting.response import JUDGING_SEEDS, described, hunted_world
from fraud.hunting.space import DIALS, START, point_of
from fraud.hunting.trials import Trial, tried

pytestmark = pytest.mark.slow

KINDS = {kind.name: START[kind.name] for kind in (BROKER, HOARDER)}
SETTINGS = Settings(seed=3, world=hunted_world(500, 7), tries=160, seasons=1, choosing=1, judging=JUDGING_SEEDS[:2])
RACE = Defence("race")


def hills(_work, trials):
    """Instead of seasons: a hill in each kind's space, and the weather of a season that all tactics share."""
    for trial in trials:
        yield {
            kind: {"expected": trial.seed % 7 - sum((at - 0.7) ** 2 for at in point_of(kind, tactics))}
            for kind, tactics in trial.world.tactics.items()
        }


def test_each_kind_climbs_its_own_hill_in_the_same_seasons():
    told = []
    found = hunt(RACE, SETTINGS, Record(spread=hills), begin=KINDS, tell=lambda *what: told.append(what))

    for kind, tactics in found.tactics.items():
        dials = [dial for dial in DIALS[kind] if dial.scale in {"even", "log"}]
        places = [dial.place(getattr(tactics, dial.name)) for dial in dials]
        assert sum(abs(at - 0.7) for at in places) / len(places) < 0.15, kind
    assert [done for done, _, _ in told] == list(range(1, SETTINGS.generations + 1))


def test_no_season_is_searched_and_judged():
    seen = []

    def watched(work, trials):
        seen.extend(trial.seed for trial in trials)
        return hills(work, trials)

    hunt(RACE, SETTINGS, Record(spread=watched), begin=KINDS)

    judged = set(SETTINGS.judging)
    assert seen[-len(judged) :] == list(SETTINGS.judging)
    assert not judged & set(seen[: -len(judged)])
    other = replace(SETTINGS, seed=4)
    before = set(seen)
    seen.clear()
    hunt(RACE, other, Record(spread=watched), begin=KINDS)
    assert set(seen) & before == judged  # another hunt searches other seasons


class Kept(NamedTuple):
    """What a hunt in real seasons told, how many it played, and its record."""

    told: dict
    played: int
    record: bytes


FEW = replace(SETTINGS, tries=8, at_once=4, finalists=1)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path, played = tmp_path_factory.mktemp("hunt") / "hunt.jsonl", []
    told = hunt(RACE, FEW, Record(path, spread=counting(played)), begin=KINDS).told()
    return Kept(told, len(played), path.read_bytes())


def counting(played):
    def counted(work, trials):
        played.extend(trials)
        return map(work, trials)

    return counted


def test_equal_settings_give_equal_bytes_and_another_seed_others(kept):
    again, other = (
        json.dumps([hunt(RACE, settings, Record(), begin=KINDS).told(), described(settings)])
        for settings in (FEW, replace(FEW, seed=4))
    )

    assert json.dumps([kept.told, described(FEW)]) == again != other


def test_a_record_is_repeated_as_far_as_it_goes_and_played_from_there(kept, tmp_path):
    path, played = tmp_path / "hunt.jsonl", []
    path.write_bytes(kept.record[:-300])  # the last line is cut off, as by a kill

    record = Record(path, spread=counting(played))
    assert hunt(RACE, FEW, record, begin=KINDS).told() == kept.told
    assert (record.repeated, record.played) == (kept.played - len(played), len(played))
    assert 0 < len(played) <= 2
    assert path.read_bytes() == kept.record


def test_the_record_of_another_hunt_is_refused_and_kept(kept, tmp_path):
    path = tmp_path / "hunt.jsonl"
    path.write_bytes(kept.record)

    for defence, settings in ((RACE, replace(FEW, seed=9)), (Defence("draw"), FEW)):
        with pytest.raises(OtherHuntError):
            hunt(defence, settings, Record(path), begin=KINDS)
    assert path.read_bytes() == kept.record

    for others in (b"no line of ours\n", b'{"a result": "in one line"}'):
        path.write_bytes(others)
        with pytest.raises(OtherHuntError):
            Record(path)
        assert path.read_bytes() == others


@pytest.mark.parametrize("cut", [1, 2, 9])
def test_a_line_that_a_kill_cut_off_is_dropped_however_short(tmp_path, cut):
    path = tmp_path / "hunt.jsonl"
    path.write_bytes(b'["0123456789abcdef", {}]\n' + b'["0123456789abcdef", {}]\n'[:cut])

    Record(path)

    assert path.read_bytes() == b'["0123456789abcdef", {}]\n'


def test_a_trial_of_other_code_has_another_name(monkeypatch):
    name = Trial(1, hunted_world(), RACE).name
    monkeypatch.setattr("fraud.hunting.trials.program", lambda: "of another version")

    assert Trial(1, hunted_world(), RACE).name != name


def test_what_decides_a_season_names_its_defence():
    built_in = Defence("gate")

    assert Defence("gate").version == built_in.version
    assert len({built_in.version, Defence("draw").version, RACE.version}) == 3


def test_without_a_gate_squatters_sell_people_their_own_turn():
    """The reason for proofs: what a leaked list earns in the draw alone, and behind the gate."""
    world = replace(hunted_world(1_000, 7), tactics=dict(START))
    alone, gate = (tried(Trial(7, world, Defence(how)))["squatter"]["profit"] for how in ("draw", "gate"))

    assert alone > 500
    assert gate < 100
