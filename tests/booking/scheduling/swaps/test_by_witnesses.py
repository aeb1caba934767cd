"""A night whose value a group of witnesses makes: it waits for three of four, and is checked like any other."""

from hashlib import sha256

import pytest

from booking.platform.models import SwapState
from booking.scheduling.draws.proofs import entry_of
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.schedule import advance_swaps
from booking.scheduling.swaps.verification import verify_files
from booking.transparency.beacons.bring import STATEMENT, Part, take_part
from tests.booking.desk.counter.closed_days import DAY, an_appointment
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import any_time, closed, day_of, wishes
from tests.booking.transparency.beacons.witnesses import made


@pytest.fixture
def watched(world, days, tmp_path):
    """A world whose nights are decided by three of four witnesses."""
    (tmp_path / "group.json").write_bytes(made().file)
    changes = {"beacon": "witnesses", "beacon_group": (tmp_path / "group.json",)}
    object.__setattr__(world.core, "settings", world.core.settings.model_copy(update=changes))
    return world


def bring(world, digest, index):
    ours = Part(STATEMENT, digest, index, b"")
    take_part(world.core, Part(STATEMENT, digest, index, made().parts(ours.message, index)[index]))


def test_three_of_four_witnesses_decide_a_night(watched, days):
    holder = an_appointment(watched, {days[0][0]: 1}, "a")
    wishes(watched, holder, any_time("a", FIRST_DAY + DAY))
    closed(watched)
    assert decide(watched.core, "x-1").waits_for == "beacon"
    digest = sha256(entry_of(watched.core, "exchange_statement", "x-1")).digest()
    for index in (1, 3):
        bring(watched, digest, index)
    assert decide(watched.core, "x-1").waits_for == "beacon"
    bring(watched, digest, 4)
    assert decide(watched.core, "x-1").state is SwapState.DONE
    assert day_of(watched, holder) == FIRST_DAY + DAY
    assert verify_files(night_files(watched.core, "x-1"))[-1].startswith("1 moved")


def test_nights_are_announced_where_witnesses_decide(watched):
    assert [line.rpartition(" ")[2] for line in advance_swaps(watched.core)] == ["announced"]
