"""Figures count what happened, in a transaction that can do no harm."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from booking.country.figures.counting import counted, latest_draw
from booking.country.figures.measures import MEASURES
from booking.country.figures.read_only import TooMuchAskedError, reading, rows
from booking.country.figures.tables import ALL
from booking.country.figures.wanted import Wanted
from booking.platform.base.errors import InvalidInputError, NotFoundError
from tests.booking.country.figures.conftest import ASKED
from tests.support.country import START


def wanted(**changes):
    return Wanted(**{"first": START.date(), "last": START.date() + timedelta(days=20), "draw": "first"} | changes)


def cells(frame):
    """The counts above 0, by row and part."""
    long = frame.melt(id_vars="row")
    return {(row, part): int(value) for row, part, value in long.itertuples(index=False) if value > 0}


def test_each_figure_counts_the_events_it_names(world):
    counts = {name: cells(counted(world, name, wanted())) for name in MEASURES}
    assert counts["asked"] == {(row, part): ASKED for row in ("2026-11-01", ALL) for part in ("accept", ALL)}
    assert counts["degraded"] == {(row, part): ASKED for row in ("2026-11-01", ALL) for part in ("normal", ALL)}
    for name, row in (("priority", "0"), ("choices", "1"), ("party", "1"), ("door", "home")):
        assert counts[f"chance-by-{name}"] == {(one, part): ASKED for one in (row, ALL) for part in ("placed", ALL)}
    assert counts["funnel"] == {(one, part): ASKED for one in ("passport-renewal", ALL) for part in ("offered", ALL)}
    assert counts["attendance"] == {(one, part): ASKED for one in ("damascus", ALL) for part in ("expected", ALL)}
    assert counts["waits"] == {(one, part): ASKED for one in ("passport-renewal", ALL) for part in ("within", ALL)}
    assert counts["load"]["damascus", "taken"] == ASKED
    assert counts["device-use"]["0", "accept"] == ASKED
    assert {name for name, found in counts.items() if not found} == {
        *("waiting", "reasons", "checks", "reviews", "appeals", "arrivals", "endings", "answers")
    }
    assert latest_draw(world) == "first"


def test_a_filter_leaves_the_others_out(world):
    assert cells(counted(world, "asked", wanted(office="aleppo"))) == {}
    assert cells(counted(world, "asked", wanted(service="new-passport"))) == {}
    assert cells(counted(world, "asked", wanted(office="damascus", service="passport-renewal"))) != {}
    assert cells(counted(world, "asked", wanted(first=START.date() + timedelta(days=1)))) == {}
    assert cells(counted(world, "funnel", wanted(draw=""))) == {}
    with pytest.raises(NotFoundError):
        counted(world, "asked", wanted(office="atlantis"))
    for period in ({"first": START.date() + timedelta(days=30)}, {"last": START.date() + timedelta(days=900)}):
        with pytest.raises(InvalidInputError):
            wanted(**period)


def test_a_query_is_read_only_and_times_out(world):
    with pytest.raises(InternalError, match="read-only"), reading(world.sessions) as session:
        session.execute(text("UPDATE office SET active = false"))
    with pytest.raises(TooMuchAskedError), reading(world.sessions, seconds=1) as session:
        session.execute(text("SELECT pg_sleep(5)"))
    with reading(world.sessions) as session, pytest.raises(TooMuchAskedError):
        rows(session, "SELECT generate_series(1, 3)", {}, most=2)
