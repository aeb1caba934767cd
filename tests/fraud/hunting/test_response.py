import json
from dataclasses import replace

import pytest

from fraud.attackers.parameters import BROKER, HOARDER
from fraud.hunting import Defence, OtherHuntError, Record, Settings, hunt
from fraud.hunting.response import JUDGING_SEEDS, described, hunted_world
from fraud.hunting.space import DIALS, START, point_of
from fraud.hunting.trials import Trial, tried

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


def test_equal_settings_give_equal_bytes_and_another_seed_others():
    few = replace(SETTINGS, tries=8, at_once=4, finalists=1)
    same, again, other = (
        json.dumps([hunt(RACE, settings, Record(), begin=KINDS).told(), described(settings)])
        for settings in (few, few, replace(few, seed=4))
    )

    assert same == again != other


def test_a_record_is_repeated_as_far_as_it_goes_and_played_from_there(tmp_path):
    few, path, played = replace(SETTINGS, tries=8, at_once=4, finalists=1), tmp_path / "hunt.jsonl", []

    def counted(work, trials):
        played.extend(trials)
        return map(work, trials)

    whole = hunt(RACE, few, Record(path, spread=counted), begin=KINDS).told()
    trials = len(played)
    path.write_bytes(path.read_bytes()[:-300])  # the last line is cut off, as by a kill

    played.clear()
    record = Record(path, spread=counted)
    assert hunt(RACE, few, record, begin=KINDS).told() == whole
    assert (record.repeated, record.played) == (trials - len(played), len(played))
    assert 0 < len(played) <= 2


def test_the_record_of_another_hunt_is_refused_and_kept(tmp_path):
    few, path = replace(SETTINGS, tries=4, at_once=4, finalists=1), tmp_path / "hunt.jsonl"
    hunt(RACE, few, Record(path), begin=KINDS)
    before = path.read_bytes()

    for defence, settings in ((RACE, replace(few, seed=9)), (Defence("draw"), few)):
        with pytest.raises(OtherHuntError):
            hunt(defence, settings, Record(path), begin=KINDS)
    assert path.read_bytes() == before

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
