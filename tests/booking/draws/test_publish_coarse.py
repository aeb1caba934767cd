"""The wishes are published the day after the last day of a draw, once, and not where the policy says never."""

from datetime import timedelta

import pytest

from booking.base.errors import NotFoundError
from booking.catalogue.views import find_draw_file
from booking.core.core import Core
from booking.draws.format2.coarse import COARSE, read_coarse
from booking.draws.format2.names import FOR_OBSERVERS, LINE, MEDIA_TYPES
from booking.draws.format2.tables import read_line
from booking.draws.formats import digest
from booking.draws.publish_coarse import publish_coarse
from booking.gate.publish import publish_limits
from booking.models import Draw, DrawFile
from booking.models.states import DrawState
from tests.draw_files import Drawn, invented_draw


@pytest.fixture
def core(world) -> Core:
    return world.core


def stored(core: Core, drawn: Drawn) -> str:
    """Store a published draw with its files by ring, as the process that drew it does."""
    facts, now = drawn.closed.statement, core.clock.now()
    with core.sessions.begin() as session:
        draw = Draw(
            reference=drawn.closed.reference,
            state=DrawState.PUBLISHED,
            format=2,
            opens_at=now,
            closes_at=now + timedelta(hours=1),
            horizon_first=core.today(),
            horizon_last=core.today() + timedelta(days=2),
            confirm_seconds=facts["confirm_seconds"],
            seed_commitment=b"c" * 32,
            seed_ciphertext=b"x",
            seed=b"s" * 32,
            announced_at=now,
        )
        session.add(draw)
        session.flush()
        session.add_all(
            DrawFile(
                draw_id=draw.id,
                name=name,
                ring=2 if name in FOR_OBSERVERS else 1,
                media_type=MEDIA_TYPES[name],
                content=content,
                sha256=digest(content),
            )
            for name, content in drawn.files.items()
        )
    return drawn.closed.reference


def test_wishes_are_published_once_on_the_day_after_the_last(core, policy):
    policy(publish_lines="never")
    drawn = invented_draw(40)
    reference = stored(core, drawn)
    core.clock.advance(timedelta(days=2))
    publish_limits(core, changes={"publish_lines": "coarse"})
    assert publish_coarse(core) == []
    with pytest.raises(NotFoundError):
        find_draw_file(core, reference, COARSE)

    core.clock.advance(timedelta(days=1))
    publish_limits(core, changes={"publish_lines": "never"})
    assert publish_coarse(core) == []
    publish_limits(core, changes={"publish_lines": "coarse"})
    assert publish_coarse(core) == [reference]
    assert publish_coarse(core) == []
    content = b"".join(find_draw_file(core, reference, COARSE).pieces())
    line = read_line(drawn.files, most=drawn.files[LINE].count(b"\n"))
    assert len(read_coarse({COARSE: content}, line)) == len(drawn.closed.entrants)
