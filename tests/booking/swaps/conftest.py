"""What tests of the exchange share: a country made by hand, with a draw that gave its days."""

import pytest

from booking.models.states import Pool
from tests.booking.counter.closed_days import DAY
from tests.booking.draws.conftest import open_world
from tests.booking.draws.world import FIRST_DAY


@pytest.fixture
def world(database_url):
    with open_world(database_url) as world:
        yield world


@pytest.fixture
def days(world):
    """Office *a* with two slots of two places on each of three days, which a draw without requests has given."""
    world.office("a")
    slots = [world.slots("a", FIRST_DAY + step * DAY, {Pool.DRAW: [2, 2]}) for step in range(3)]
    world.published(days=3)
    return slots
