"""What tests of the counter share: a country made by hand, and an office with two days to close."""

import pytest

from booking.platform.models.states import Pool
from tests.booking.desk.counter.closed_days import DAY, staff
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.scheduling.draws.world import FIRST_DAY


@pytest.fixture
def world(database_url):
    with open_world(database_url) as world:
        yield world


@pytest.fixture
def two_days(world):
    """Office *a* with two slots of two places on the first day and the one after; its supervisor."""
    world.office("a")
    first = world.slots("a", FIRST_DAY, {Pool.DRAW: [2, 2]})
    second = world.slots("a", FIRST_DAY + DAY, {Pool.DRAW: [2, 2]})
    return first, second, staff(world, "a")
