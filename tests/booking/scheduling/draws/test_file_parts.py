"""A file of a draw that is larger than a row is written in parts, and read whole, piece by piece and from anywhere."""

from hashlib import sha256
from random import Random

import pytest
from sqlalchemy import func, select

from booking.country.catalogue.views import PART, bytes_in, content_in, find_draw_file, read_content
from booking.platform.models import DrawFile, DrawFilePart
from booking.platform.models.requests.draw import Ring
from booking.scheduling.draws.announce import add_files, found, stored_files
from booking.scheduling.draws.format2.tables import COARSE

LARGE = Random(1).randbytes(2 * PART + 12_345)  # noqa: S311 - a file, no secret


@pytest.fixture
def draw(world, office):
    """A published draw with a large file more."""
    office(1)
    world.ask("a")
    world.published(days=1)
    with world.core.sessions.begin() as session:
        draw = found(session, "d1")
        add_files(session, draw, {COARSE: LARGE}, ring=Ring.LATER)
    return draw


def test_a_large_file_is_read_back_as_it_was_written(world, draw):
    with world.core.sessions() as session:
        sizes = session.scalars(select(func.length(DrawFilePart.content)).order_by(DrawFilePart.start)).all()
        assert [PART, *sizes] == [PART, PART, 12_345]
        assert content_in(session, draw.id, COARSE) == LARGE
        for start in (0, PART - 32, PART, 2 * PART - 64, 2 * PART, len(LARGE) - 32):
            assert bytes_in(session, draw.id, COARSE, start=start, size=32) == LARGE[start : start + 32]
        stored = stored_files(session, draw, (COARSE,))[COARSE]
        assert (stored.content, stored.ring) == (LARGE, Ring.LATER)
    pieces = list(read_content(world.core, draw.id, COARSE))
    published = find_draw_file(world.core, "d1", COARSE)

    assert max(map(len, pieces)) <= PART
    assert b"".join(pieces) == b"".join(published.pieces()) == LARGE
    assert (published.size, published.sha256, stored.sha256) == (len(LARGE), *2 * [sha256(LARGE).hexdigest()])


def test_a_file_from_before_there_were_parts_is_whole_in_its_row(world, draw):
    with world.core.sessions.begin() as session:
        session.execute(DrawFilePart.__table__.delete())
        session.execute(DrawFile.__table__.update().where(DrawFile.name == COARSE).values(content=LARGE))

    assert b"".join(read_content(world.core, draw.id, COARSE)) == LARGE
    with world.core.sessions() as session:
        assert content_in(session, draw.id, COARSE) == LARGE
        assert bytes_in(session, draw.id, COARSE, start=PART + 7, size=32) == LARGE[PART + 7 : PART + 39]
