"""A backup from before is restored, and the log, which witnesses kept, knows more of a night than the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.platform.models import LogEntry, SwapNight, SwapOutcome, SwapState
from booking.scheduling.swaps.damaged import MENDED_WITHIN, Damage
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.schedule import advance_swaps
from booking.scheduling.swaps.verification import verify_files
from booking.transparency.log.log import sequence, size_in
from booking.transparency.log.recover import recover
from tests.booking.desk.counter.closed_days import DAY, an_appointment
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import a_night, any_time, day_of, outcomes, wishes
from tests.booking.transparency.log.copies import as_in_a_backup, hold, keep_copy
from tests.support.roles import past_the_roles

ANNOUNCED_AGAIN = (
    "UPDATE swap_night SET state = 'announced', closed_at = NULL, inputs = NULL, places = '{}', beacon_signature = NULL"
)
CLOSED_AGAIN = "UPDATE swap_night SET state = 'closed', seed = NULL, done_at = NULL, result = NULL, figures = '{}'"


@pytest.fixture
def holder(world, days):
    """Somebody who moves in the next night."""
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    return holder


def as_before(world, *statements):
    """Leave the database as a backup has it; its log is what was recovered."""
    with past_the_roles(world.core) as session:
        for statement in ("SET session_replication_role = replica", *statements):
            session.execute(text(statement))


def logged(world, kind):
    sequence(world.core)
    with world.session() as session:
        return session.scalars(select(LogEntry.key).where(LogEntry.kind == f"exchange_{kind}")).all()


def the_night(world):
    with world.session() as session:
        return session.scalars(select(SwapNight).order_by(SwapNight.announced_at)).first()


def test_a_night_that_only_the_log_knows_is_not_announced_a_second_time(world, holder, tmp_path):
    with world.session() as session:
        before = size_in(session)
    assert advance_swaps(world.core) == ["x-2026-11-02 announced"]
    keep_copy(world.core, tmp_path)
    as_in_a_backup(world.core, before)
    as_before(world, "DELETE FROM swap_night")
    hold(world.core)
    recover(world.core, str(tmp_path))

    assert advance_swaps(world.core) == ["x-2026-11-02-2 announced"]
    assert advance_swaps(world.core) == []
    assert logged(world, "announcement") == ["x-2026-11-02", "x-2026-11-02-2"]


def test_a_night_that_was_closed_or_given_up_before_is_given_up_and_said_once(world, holder):
    a_night(world)
    as_before(world, ANNOUNCED_AGAIN + ", seed = NULL, done_at = NULL, result = NULL", "DELETE FROM swap_entry")
    assert advance_swaps(world.core)[0] == "x-1 abandoned"
    as_before(world, "DELETE FROM swap_night WHERE reference <> 'x-1'", ANNOUNCED_AGAIN)
    assert advance_swaps(world.core)[0] == "x-1 abandoned"
    assert [logged(world, kind) for kind in ("statement", "abandoned")] == [["x-1"], ["x-1"]]


def test_a_result_that_the_log_has_is_found_again_with_its_time(world, holder):
    done = a_night(world).done_at
    files = night_files(world.core, "x-1")
    world.clock.advance(timedelta(minutes=5))
    as_before(world, CLOSED_AGAIN)

    assert advance_swaps(world.core)[0] == "x-1 done"
    assert (the_night(world).done_at, logged(world, "result")) == (done, ["x-1"])
    assert night_files(world.core, "x-1") == files
    assert verify_files(files)


def test_where_the_log_has_another_result_the_night_ends_without_one(world, holder):
    a_night(world)
    as_before(world, CLOSED_AGAIN, "UPDATE swap_entry SET outcome = 'left', to_starts_at = NULL, moved_at = NULL")

    assert decide(world.core, "x-1").waits_for == Damage.DECISION
    assert outcomes(world, holder) == [SwapOutcome.LEFT]
    world.clock.advance(MENDED_WITHIN)
    assert decide(world.core, "x-1").state is SwapState.ABANDONED
    assert day_of(world, holder) == FIRST_DAY + DAY
    assert logged(world, "result") == logged(world, "abandoned") == ["x-1"]
