"""Draws that happen by themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from booking.country.policy.limits import DrawLimits, pick
from booking.platform.models import AuditEntry, Draw, LogHold, SlotPool
from booking.platform.models.states import DrawState, Pool, RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.errors import DrawsFailedError
from booking.scheduling.draws.schedule import advance_draws, held_up, next_closing

DAMASCUS = ZoneInfo("Asia/Damascus")


def all_draws(world):
    with world.session() as session:
        return session.scalars(select(Draw).order_by(Draw.closes_at)).all()


def test_a_day_runs_by_itself_and_the_next_draw_is_ahead(world, policy):
    policy(horizon_lead_days=5, horizon_days=14)
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1]})
    asked = [world.ask("a") for _ in range(2)]

    assert advance_draws(world.core) == ["2026-11-01 announced"]
    assert advance_draws(world.core) == ["2026-11-01 opened"]
    assert advance_draws(world.core) == []
    world.clock.set(datetime(2026, 11, 1, 20, tzinfo=DAMASCUS))
    assert advance_draws(world.core) == [
        "2026-11-01 closed",
        "2026-11-01 drawn",
        "2026-11-01 published",
        "2026-11-02 announced",
    ]
    assert advance_draws(world.core) == ["2026-11-02 opened"]

    first, second = all_draws(world)
    assert (first.horizon_first.isoformat(), first.horizon_last.isoformat()) == ("2026-11-06", "2026-11-19")
    assert second.closes_at - first.closes_at == timedelta(days=1)
    assert sorted(world.request(reference).state for reference in asked) == [
        RequestState.CARRIED_OVER,
        RequestState.DRAWN,
    ]


def test_without_a_quota_policy_nothing_is_announced(world):
    assert advance_draws(world.core) == []


def test_missed_draws_are_caught_up_one_after_another(world):
    for number in (1, 2):
        draws.announce(
            world.core,
            reference=f"d{number}",
            opens_at=world.clock.now(),
            closes_at=world.clock.now() + timedelta(hours=number),
            horizon_first=world.first_day,
            horizon_last=world.first_day,
        )
    world.clock.advance(timedelta(days=1))

    done = advance_draws(world.core)

    assert {draw.state for draw in all_draws(world)} == {DrawState.PUBLISHED}
    assert done.index("d1 published") < done.index("d2 closed")


def test_a_reference_already_in_use_gets_a_number(world, policy):
    policy()
    world.draw("2026-11-01")
    draws.close(world.core, "2026-11-01")

    done = advance_draws(world.core)

    assert done[-1] == "2026-11-01-1 announced"


def test_a_draw_announced_shortly_before_the_hour_closes_a_day_later(world, policy):
    policy()
    world.clock.set(datetime(2026, 11, 1, 19, 30, tzinfo=DAMASCUS))

    assert advance_draws(world.core) == ["2026-11-02 announced"]


def test_several_processes_take_each_step_only_once(world, policy):
    policy()
    world.draw("d1")

    with ThreadPoolExecutor(4) as pool:
        done = [line for lines in pool.map(lambda _: advance_draws(world.core), range(8)) for line in lines]

    assert len(done) == len(set(done))
    assert {"d1 closed", "d1 drawn", "d1 published"} <= set(done)


def test_a_step_that_fails_is_said_once_and_tried_again_next_time(world, policy):
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1]})
    world.ask("a")
    world.closed("d1")
    policy()  # so that another draw can be announced, whatever becomes of the first
    with world.core.sessions.begin() as session:
        session.scalars(select(SlotPool)).one().taken = 1
    with pytest.raises(DrawsFailedError, match=r"^d1 failed: CapacityChangedError; 2026-11-\d\d announced$"):
        advance_draws(world.core)
    with pytest.raises(DrawsFailedError, match=r"opened; d1 failed: CapacityChangedError$"):
        advance_draws(world.core)
    assert [draw.waits_for for draw in all_draws(world)] == ["CapacityChangedError", None]
    assert held_up(world.core)["CapacityChangedError"] == 1
    with world.session() as session:
        kept = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "draw.failed")).all()
    assert kept == [{"error": "CapacityChangedError"}]
    with world.core.sessions.begin() as session:
        session.scalars(select(SlotPool)).one().taken = 0

    assert advance_draws(world.core) == ["d1 drawn", "d1 published"]


@pytest.mark.parametrize(
    ("limits", "after", "closing"),
    [
        ({}, "2026-11-01T19:59", "2026-11-01T20:00"),
        ({}, "2026-11-01T20:00", "2026-11-02T20:00"),
        ({"draw_every_hours": 12}, "2026-11-01T20:00", "2026-11-02T08:00"),
        ({"draw_every_hours": 6, "draw_hour": 4}, "2026-11-01T05:00", "2026-11-01T10:00"),
        ({"draw_every_hours": 1}, "2026-11-01T23:30", "2026-11-02T00:00"),
    ],
)
def test_draws_close_in_the_countrys_local_time(limits, after, closing):
    found = next_closing(datetime.fromisoformat(after).replace(tzinfo=DAMASCUS), pick(DrawLimits, limits), DAMASCUS)

    assert found == datetime.fromisoformat(closing).replace(tzinfo=DAMASCUS)
    assert found.tzinfo is UTC


def test_draws_every_few_days_keep_their_interval():
    limits = pick(DrawLimits, {"draw_every_hours": 72})
    at = datetime(2026, 2, 20, tzinfo=UTC)
    closings = [at := next_closing(at, limits, DAMASCUS) for _ in range(5)]

    assert {later - earlier for earlier, later in pairwise(closings)} == {timedelta(days=3)}


def test_nothing_is_announced_while_a_restored_log_is_held(world, policy):
    policy(horizon_lead_days=5, horizon_days=14)
    with world.core.sessions.begin() as session:
        session.add(LogHold(since=world.clock.now()))

    (why,) = advance_draws(world.core)

    assert why.startswith("the draws wait: ")
    assert "mawid log recover" in why
    assert all_draws(world) == []
