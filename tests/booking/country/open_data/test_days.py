"""What is published about a day is the same in every format, described to the last column, and never changes."""

import io
from datetime import UTC, timedelta
from hashlib import sha256

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError, ProgrammingError

from booking.country.open_data import days, free_places
from booking.country.open_data.dictionary import DATA_SETS, DRAWS
from tests.booking.country.figures.conftest import ASKED
from tests.support.country import START

DAY = START.date()


@pytest.fixture(scope="module")
def published(world):
    assert days.publish_days(world) == 1, "the day is over, today is not"
    return {one.name: days.find_file(world, DAY, one.name) for one in days.list_days(world)}


def content(file):
    return b"".join(file.pieces())


def test_files_of_a_day_hold_its_events_in_documented_columns_only(published):
    assert set(published) == {f"{one.name}.{ending}" for one in DATA_SETS for ending in ("csv", "parquet")}
    for one in DATA_SETS:
        csv = content(published[f"{one.name}.csv"])
        parquet = pd.read_parquet(io.BytesIO(content(published[f"{one.name}.parquet"])))
        assert list(parquet.columns) == [column.name for column in one.columns]
        assert parquet.to_csv(index=False).encode() == csv
    assert content(published["requests-by-office.csv"]).decode().splitlines()[1:] == [
        f"2026-11-01,damascus,{ASKED},0,0,0,{ASKED}",
        f"2026-11-01,all,{ASKED},0,0,0,{ASKED}",
    ]
    for one in published.values():
        assert (sha256(content(one)).hexdigest(), len(content(one))) == (one.sha256, one.size)


def test_published_files_never_change(world, published):
    before = days.list_days(world)
    assert days.publish_days(world) == 0
    days.publish_day(world, DAY)
    assert [one.published_at for one in days.list_days(world)] == [one.published_at for one in before]
    assert days.find_file(world, DAY, "visits-by-office.csv").sha256 == published["visits-by-office.csv"].sha256
    with pytest.raises((InternalError, ProgrammingError), match="never changes"), world.sessions.begin() as session:
        session.execute(text("DELETE FROM open_data_file"))


def test_the_row_of_a_draw_links_its_files(world):
    row = days.published(world).iloc[0]
    assert list(row.index) == [column.name for column in DRAWS.columns]
    assert (row["reference"], row["asked_requests"], row["served_requests"], row["gap"]) == ("first", ASKED, ASKED, 0)
    assert row["page"].endswith("/draws/first")


def test_free_places_are_the_ones_that_can_be_booked_instantly(world):
    with world.sessions() as session:
        most, first = session.execute(
            text(
                "SELECT count(*), min(starts_at) FROM slot t JOIN slot_pool p ON p.slot_id = t.id AND pool = 'instant' "
                "JOIN office o ON o.id = t.office_id WHERE o.code = 'damascus' AND taken < places AND starts_at > :now"
            ),
            {"now": world.clock.now()},
        ).one()
    told = {(one["office"], one["service"]): one for one in free_places.summary(world)}
    one = told["damascus", "passport-renewal"]
    assert (one["times"], one["first"]) == (most, first.astimezone(UTC).isoformat())
    office, service, found = free_places.places(world, office="damascus", service="passport-renewal")
    assert (office.code, service.code, len(found)) == ("damascus", "passport-renewal", min(most, 500))
    calendar = free_places.as_calendar(world, office="damascus", service="passport-renewal", language="en")
    assert calendar.count(b"BEGIN:VEVENT") == len(found)
    assert f"DTSTART:{found[0].starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}".encode() in calendar
    world.clock.advance(timedelta(seconds=40))
    assert calendar == free_places.as_calendar(world, office="damascus", service="passport-renewal", language="en")
