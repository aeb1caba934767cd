"""Publish what happened on a day, once, when it is over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.published import PublishedFile, read_pieces
from booking.country.figures import statements as sql
from booking.country.figures.counting import WRITERS, written
from booking.country.figures.read_only import reading, rows
from booking.country.figures.tables import ROW, Shape, hidden_in_both, hidden_places, shown_table, with_sums
from booking.country.figures.wanted import Wanted
from booking.country.open_data.dictionary import DATA_SETS, DRAWS, SCHEMA_VERSION
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Draw, OpenDataFile, Request
from booking.platform.models.states import DrawState

MOST_AT_ONCE: Final = 31
"""Days that one run catches up on."""

_SERVICE, _OFFICE, _VISITS = DATA_SETS
_REQUESTS: Final = Shape(tuple(one.name for one in _SERVICE.columns[2:-1]))
_ATTENDANCE: Final = Shape(tuple(one.name for one in _VISITS.columns[2:-1]))


def publish_days(core: Core) -> int:
    """Publish every day that is over and is not published yet, the oldest first; return how many. Safe to repeat."""
    with core.sessions() as session:
        last = session.scalar(select(func.max(OpenDataFile.day)))
        begin = session.scalar(select(func.min(Request.created_at)))
    if begin is None:
        return 0
    day = begin.astimezone(ZoneInfo(core.pack.country.time_zone)).date()
    if last is not None:
        day = last + timedelta(days=1)
    count = 0
    while day < core.today() and count < MOST_AT_ONCE:
        publish_day(core, day)
        day, count = day + timedelta(days=1), count + 1
    return count


def publish_day(core: Core, day: date) -> None:
    """Publish the files of one day; those that are there already stay as they are."""
    now = core.clock.now()
    files = [_row(day, name, content, now) for name, content in day_files(core, day).items()]
    with core.sessions.begin() as session:
        session.execute(insert(OpenDataFile).values(files).on_conflict_do_nothing())


def day_files(core: Core, day: date) -> Mapping[str, bytes]:
    """Write the files of a day: each data set in each format. No personal data, small counts hidden."""
    return {
        f"{name}.{ending}": written(frame, ending)[0]
        for name, frame in day_tables(core, day).items()
        for ending in WRITERS
    }


def day_tables(core: Core, day: date) -> Mapping[str, pd.DataFrame]:
    """Count a day's data sets.

    Requests by service and by office have the same sums, so they are protected together.
    """
    with reading(core.sessions) as session:
        values = Wanted(day, day).values(session, zone=core.pack.country.time_zone, now=core.clock.now())
        by_service = _counts(session, sql.ASKED_BY_SERVICE, values)
        by_office = _counts(session, sql.ASKED_BY_OFFICE, values)
        visits = _counts(session, sql.ATTENDANCE, values)
    services, offices, visited = (_codes(counts) for counts in (by_service, by_office, visits))
    one, other = with_sums(by_service, services, _REQUESTS), with_sums(by_office, offices, _REQUESTS)
    hidden_one, hidden_other = hidden_in_both(one, other)
    attended = with_sums(visits, visited, _ATTENDANCE)
    return {
        _SERVICE.name: _dated(shown_table(one, services, _REQUESTS, hidden_one), day, "service"),
        _OFFICE.name: _dated(shown_table(other, offices, _REQUESTS, hidden_other), day, "office"),
        _VISITS.name: _dated(shown_table(attended, visited, _ATTENDANCE, hidden_places(attended)), day, "office"),
    }


def list_days(core: Core, *, before: date | None = None, most: int = 31) -> Sequence[OpenDataFile]:
    """List the files of the latest ``most`` published days before a day, newest first, without their content."""
    days = select(OpenDataFile.day).distinct().order_by(OpenDataFile.day.desc()).limit(most)
    if before is not None:
        days = days.where(OpenDataFile.day < before)
    files = (
        select(OpenDataFile)
        .where(OpenDataFile.day.in_(days.scalar_subquery()))
        .order_by(OpenDataFile.day.desc(), OpenDataFile.name)
    )
    return core.read_older(lambda session: session.scalars(files).all())


def find_file(core: Core, day: date, name: str) -> PublishedFile:
    """Find a published file; raises NotFoundError."""

    def find(session: Session) -> OpenDataFile:
        if (file := session.get(OpenDataFile, (day, name))) is None:
            raise NotFoundError
        return file

    found = core.read_older(find)
    which = OpenDataFile.day == day, OpenDataFile.name == name
    content = OpenDataFile.content
    return PublishedFile(name, found.media_type, found.size, found.sha256, lambda: read_pieces(core, content, *which))


def _counts(session: Session, statement: str, values: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for row, part, count in rows(session, statement, values):
        counts[str(row), part] += int(count)
    return counts


def _codes(counts: Mapping[tuple[str, str], int]) -> list[str]:
    return sorted({row for row, _ in counts})


def _dated(frame: pd.DataFrame, day: date, name: str) -> pd.DataFrame:
    frame = frame.rename(columns={ROW: name})
    frame.insert(0, "day", pd.Series([day] * len(frame), dtype="object"))
    return frame


def _row(day: date, name: str, content: bytes, now: datetime) -> dict[str, Any]:
    return {
        "day": day,
        "name": name,
        "schema_version": SCHEMA_VERSION,
        "media_type": WRITERS[name.partition(".")[2]][1],
        "content": content,
        "sha256": sha256(content).hexdigest(),
        "size": len(content),
        "published_at": now,
    }


MOST: Final = 5000
_FIGURES: Final = (
    "mechanism", "asked_requests", "served_requests", "asked_people", "served_people", "places", "used", "gap"
)  # fmt: skip


def published(core: Core) -> pd.DataFrame:
    """Return a row for each published draw, newest first; its columns are those of the dictionary."""
    wanted = select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.closes_at.desc()).limit(MOST)
    found = core.read_older(lambda session: session.scalars(wanted).all())
    rows = [
        {
            "reference": draw.reference,
            "closed_at": draw.closed_at,
            "published_at": draw.published_at,
            "first_day": draw.horizon_first,
            "last_day": draw.horizon_last,
            "page": f"{core.settings.base_url}/draws/{draw.reference}",
        }
        | {name: draw.figures.get(name) for name in _FIGURES}
        for draw in found
    ]
    frame = pd.DataFrame(rows, columns=[one.name for one in DRAWS.columns])
    kinds = {"integer": "Int64", "number": "Float64", "datetime": "datetime64[us, UTC]"}
    return frame.astype({one.name: kinds[one.kind] for one in DRAWS.columns if one.kind in kinds})
