"""The wishes are published the day after the last day of a draw, once, and not where the policy says never."""

from datetime import timedelta

import pytest

from booking.antifraud.gate.versions import publish_limits
from booking.country.catalogue.views import find_draw_file
from booking.platform.base.errors import NotFoundError
from booking.scheduling.draws.format2.coarse import COARSE
from booking.scheduling.draws.publish_coarse import publish_coarse
from booking.scheduling.draws.verification import verify_files


def test_wishes_of_a_draw_are_published_once_on_the_day_after_its_last(world, office, policy):
    policy(publish_lines="never")
    office(2, 2)
    for _ in range(6):
        world.ask("a")
    world.ask("a", accessible=True)
    before, core = world.published(days=3), world.core
    publish_limits(core, changes={"publish_lines": "coarse"})
    core.clock.set(core.clock.now() + timedelta(days=(world.first_day - core.today()).days + 2))
    assert publish_coarse(core) == []
    with pytest.raises(NotFoundError):
        find_draw_file(core, "d1", COARSE)

    core.clock.advance(timedelta(days=1))
    publish_limits(core, changes={"publish_lines": "never"})
    assert publish_coarse(core) == []
    publish_limits(core, changes={"publish_lines": "coarse"})
    assert publish_coarse(core) == ["d1"]
    assert publish_coarse(core) == []

    after = world.files()
    assert {name: content for name, content in after.items() if name != COARSE} == before
    assert find_draw_file(core, "d1", COARSE).size == len(after[COARSE])
    assert verify_files(after).ok
