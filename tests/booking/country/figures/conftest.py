"""A country where six people asked in Damascus and the draw gave each a place; tests only read it."""

from datetime import timedelta

import pytest

from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.scheduling.draws import draw as draws
from tests.support.country import START, a_request, cheap_settings
from tests.support.open_draws import open_a_draw

ASKED = 6


@pytest.fixture(scope="package")
def world(new_country, _servers):
    """The core, a day after they asked."""
    url = f"{_servers[1].url}?db=15"
    clock = SettableClock(START)
    with open_core(cheap_settings(), database_url=new_country(), redis_url=url, clock=clock) as core:
        open_a_draw(core, "first")
        for _ in range(ASKED):
            a_request(core)
        clock.advance(timedelta(days=1))
        draws.close(core, "first")
        draws.run(core, "first")
        draws.publish(core, "first")
        yield core
