"""Count one figure: the same function for a page, a download, a notebook and an export."""

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.figures import statements
from booking.country.figures.measures import MEASURES, Measure, Rows
from booking.country.figures.read_only import SECONDS, reading, rows
from booking.country.figures.tables import table
from booking.country.figures.wanted import Wanted
from booking.platform.models import Draw, Office, Service
from booking.platform.models.states import DrawState

_KNOWN: Mapping[Rows, tuple[str, ...]] = {
    Rows.QUEUE: ("urgent", "review", "appeal"),
    Rows.DEVICE_USE: ("0", "1-2", "3-9", "10-29", "30+"),
    Rows.DOOR: ("home", "abroad"),
}


def counted(core: Core, name: str, wanted: Wanted, *, seconds: int = SECONDS) -> pd.DataFrame:
    """Count one figure.

    Parameters
    ----------
    name
        One of `booking.country.figures.measures.MEASURES`.

    Returns
    -------
    pandas.DataFrame
        See `booking.country.figures.tables.table`; rows are days (ISO 8601), codes or numbers. No personal data.

    Raises
    ------
    KeyError
        There is no such figure.
    NotFoundError
        Office, service or draw are unknown.
    TooMuchAskedError
        It takes too long.
    """
    return counted_all(core, [MEASURES[name]], wanted, seconds=seconds)[name]


def counted_all(
    core: Core, measures: Sequence[Measure], wanted: Wanted, *, seconds: int = SECONDS, exact: bool = False
) -> dict[str, pd.DataFrame]:
    """Count several figures at one moment; see `counted`. ``exact`` leaves no small count empty: for pages alone."""
    with reading(core.older_sessions(), seconds=seconds) as session:
        values = wanted.values(session, zone=core.pack.country.time_zone, now=core.clock.now())
        return {one.name: _counted(session, one, wanted, values, exact=exact) for one in measures}


def degraded_minutes(core: Core, wanted: Wanted) -> int:
    """Count the minutes in which the gate judged without the shared limits."""
    with reading(core.older_sessions()) as session:
        values = wanted.values(session, zone=core.pack.country.time_zone, now=core.clock.now())
        return int(rows(session, statements.DEGRADED_MINUTES, values)[0][0])


def latest_draw(core: Core) -> str:
    """Return the reference of the draw that was published last; "" before there is one."""
    with reading(core.older_sessions()) as session:
        newest = select(Draw.reference).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc())
        return session.scalar(newest.limit(1)) or ""


def _counted(
    session: Session, measure: Measure, wanted: Wanted, values: Mapping[str, Any], *, exact: bool
) -> pd.DataFrame:
    counts: Counter[tuple[str, str]] = Counter()
    for row, part, count in rows(session, measure.statement, values):
        counts[str(row), part] += int(count)
    return table(counts, _rows(session, measure, wanted, {row for row, _ in counts}), measure.shape, exact=exact)


def _rows(session: Session, measure: Measure, wanted: Wanted, found: set[str]) -> list[str]:
    """Put the rows in the order that people expect; days stay where nothing was counted."""
    match measure.rows:
        case Rows.DAY:
            return [day.isoformat() for day in wanted.days]
        case Rows.OFFICE:
            known = session.scalars(select(Office.code).order_by(Office.id)).all()
            return [code for code in known if code in found]
        case Rows.SERVICE:
            known = session.scalars(select(Service.code).order_by(Service.position, Service.id)).all()
            return [code for code in known if code in found]
        case Rows.PRIORITY | Rows.CHOICES | Rows.PARTY:
            return sorted(found, key=int)
        case Rows.REASON:
            return sorted(found)
        case Rows.QUEUE | Rows.DEVICE_USE | Rows.DOOR:
            return list(_KNOWN[measure.rows])


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%SZ").encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    output = io.BytesIO()
    frame.to_parquet(output, engine="pyarrow", index=False, compression="zstd")
    return output.getvalue()


WRITERS: Final[Mapping[str, tuple[Callable[[pd.DataFrame], bytes], str]]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
}
"""By the ending of the file: the writer and the media type."""


def written(frame: pd.DataFrame, ending: str) -> tuple[bytes, str]:
    """Write a frame as a file of this kind; an empty CSV cell is a hidden or missing value."""
    write, media_type = WRITERS[ending]
    return write(frame), media_type
