"""What tests of the exchange share: a country made by hand, with a draw that gave its days."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import make_url

from booking.platform.models.states import Pool
from tests.booking.desk.counter.closed_days import DAY
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.scheduling.draws.world import FIRST_DAY, NOW


class Given(NamedTuple):
    """A database that is copied: what is in it, and how long after `NOW` its draw was over."""

    database: str
    offices: dict[str, int]
    slots: list[list[int]]
    took: timedelta


@pytest.fixture(scope="session")
def _given(new_database, _databases) -> Iterator[Given]:
    """Draw once for all tests that begin with days that a draw has given."""
    for url in _databases.until_dropped(new_database()):
        with open_world(url, address=url, database_pooled=False) as world:
            world.office("a")
            slots = [world.slots("a", FIRST_DAY + step * DAY, {Pool.DRAW: [2, 2]}) for step in range(3)]
            world.published(days=3)
        yield Given(str(make_url(url).database), world.offices, slots, world.clock.now() - NOW)


@pytest.fixture
def database_url(request, new_database, _databases) -> Iterator[str]:
    """A database of this test alone: where it begins with days, one in which a draw has given them."""
    made = _databases.copy(request.getfixturevalue("_given").database) if "days" in request.fixturenames else None
    yield from _databases.until_dropped(made or new_database())


@pytest.fixture
def world(database_url):
    with open_world(database_url) as world:
        yield world


@pytest.fixture
def days(world, _given):
    """Office *a* with two slots of two places on each of three days, which a draw without requests has given."""
    world.offices |= _given.offices
    world.clock.advance(_given.took)
    return [list(slots) for slots in _given.slots]
