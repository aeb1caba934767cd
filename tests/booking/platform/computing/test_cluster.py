"""Two processes of Dask: the same results, bit for bit, whoever dies."""

import os
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from allocation.building.samples import country
from allocation.compensate import even_compensation
from booking.platform.base.settings_servers import ComputingSettings
from booking.platform.computing import remote
from booking.platform.computing.errors import PieceKillsWorkersError
from booking.platform.computing.spread import Computing
from booking.scheduling.quotas.redraw import with_quotas
from booking.scheduling.quotas.trial_work import redrawn
from fraud import train
from fraud.attackers import World, play
from fraud.facts import SCHEMA
from fraud.hunting import Defence, Record
from fraud.hunting.levers import LEVERS, moved
from fraud.hunting.response import hunted_world
from fraud.hunting.space import START
from fraud.hunting.trials import Trial
from fraud.linkage import link, people, records
from fraud.linkage.weights import shipped
from fraud.rules.backtest import GROUPS, backtest_all
from fraud.rules.rule_set import default_rules, parse_rules
from tests.booking.platform.computing.pieces import dies_always, dies_once, doubled, inverted
from tests.booking.scheduling.quotas.test_redraw import HALF, KIND, SEED, SPLITTER, a_draw, a_leaf, shares, slots

pytest.importorskip("distributed", reason="the extra mawid[cluster] is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def computing():
    import dask  # noqa: PLC0415 - an extra
    from distributed import LocalCluster  # noqa: PLC0415

    from booking.platform.computing.configure import configure  # noqa: PLC0415

    configure()
    dask.config.set({"distributed.scheduler.allowed-failures": 1})  # a process is not started again and again
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield Computing(
            ComputingSettings(dask_address=cluster.scheduler_address, dask_open_on_this_machine=True), alone_for=0
        )


@pytest.fixture
def spread(computing):
    with computing.opened() as opened:
        yield opened
        assert not opened._given_up, "it was not the cluster that did it"


def test_trials_of_a_hunt_are_the_same(spread):
    world = replace(hunted_world(500, 7), tactics=dict(START))
    gate = moved(Defence(model=train(1, 6_000)), [0.5] * len(LEVERS))
    trials = [Trial(seed, world, defence) for seed in (1, 2) for defence in (gate, Defence("race"))]

    assert Record(spread=spread).figures(trials) == Record().figures(trials)


def test_linkage_is_the_same(spread, monkeypatch):
    monkeypatch.setattr(records, "_NAMES_AT_ONCE", 700)
    frame = people(3_000, seed=5)

    pd.testing.assert_frame_equal(
        link(frame, learned=shipped(), spread=spread), link(frame, learned=shipped()), check_exact=True
    )


def test_the_rehearsals_of_a_draw_are_the_same(spread):
    problem = country(150, seed=2, home_offices=3, consulates=0, days=6, parties=0.5, tiers=1)

    table = even_compensation(problem, spread=spread)

    assert table == even_compensation(problem)
    assert len(set(table.values())) > 1


def test_a_backtest_is_the_same(spread):
    frames = [_verdicts(seed) for seed in range(5)]
    draft = parse_rules(default_rules().text().replace("> ", ">= "))

    there, here = (backtest_all(frames, draft, default_rules(), spread=one) for one in (spread, map))

    pd.testing.assert_frame_equal(there.requests, here.requests)
    assert (there.rules, there.left_out) == (here.rules, here.left_out)
    assert here.left_out == 5
    assert len(here.requests) == 245


def test_seasons_of_attackers_are_the_same(spread):
    season = partial(play, world=World(people=300, days=2))

    for there, here in zip(spread(season, [7, 8]), map(season, [7, 8]), strict=True):
        pd.testing.assert_frame_equal(there.asks, here.asks)
        pd.testing.assert_frame_equal(there.facts, here.facts)


def test_a_what_if_is_the_same(spread):
    frozen = a_draw([a_leaf(number, "a", party=1 + number % 3) for number in range(60)])
    tries = [
        (
            with_quotas(
                frozen, slots(), SPLITTER, drawn_by=HALF, quotas=type(HALF)({KIND: shares(draw=d, instant=80 - d)})
            ),
            SEED,
        )
        for d in (20, 40, 60)
    ]

    found = list(spread(redrawn, [None, *tries]))

    assert [bins.tobytes() for bins in found[1:]] == [redrawn(each).tobytes() for each in tries]
    assert len({bins.tobytes() for bins in found}) == 4


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(spread, tmp_path):
    assert list(spread(partial(dies_once, str(tmp_path)), range(12))) == [2 * n for n in range(12)]
    assert (tmp_path / "died").exists()


def test_a_piece_that_kills_every_worker_is_not_done_here(spread):
    with pytest.raises(PieceKillsWorkersError, match="workers died of one piece"):
        list(spread(partial(dies_always, os.getpid()), [7]))


def test_an_error_of_the_work_comes_back_as_it_is(spread):
    with pytest.raises(ZeroDivisionError):
        list(spread(inverted, [1, 0, 1]))


def test_other_software_is_not_trusted_with_a_piece(computing, monkeypatch):
    monkeypatch.setattr("booking.platform.computing.cluster.software", lambda: (*remote.software(), "of tomorrow"))

    with computing.opened() as spread:
        assert list(spread(doubled, range(3))) == [0, 2, 4]
        assert spread._given_up


def _verdicts(seed: int) -> pd.DataFrame:
    """Fifty verdicts; the last one is of a time when a fact had another bound."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            one.name: bool(rng.integers(2)) if one.kind == "flag" else min(one.low + rng.integers(25), one.high)
            for one in SCHEMA
        }
        for _ in range(50)
    ]
    frame = pd.DataFrame(rows).astype({fact.name: float for fact in SCHEMA if fact.kind != "flag"})
    frame.loc[49, "form_seconds"] = -1.0
    return frame.assign(
        reference=[f"REF-{seed}-{number}" for number in range(50)],
        person=[f"person {number}" for number in range(50)],
        at=pd.Timestamp("2026-03-01", tz="UTC"),
        known="served",
        **dict.fromkeys(GROUPS, "one"),
    )
