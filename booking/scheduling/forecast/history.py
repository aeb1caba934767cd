"""What the database knows of past weeks: who asked, who came, and which slots are to come. Reads only, with limits."""

from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.figures.read_only import reading, rows
from booking.country.packs.schema import Pack
from booking.platform.models.requests.appointment import kind_as_of
from booking.scheduling.forecast.attendance import COLUMNS as ATTENDANCE
from booking.scheduling.forecast.overbooking import mix_of
from booking.scheduling.forecast.panel import COLUMNS as DEMAND
from booking.scheduling.forecast.seasons import first_weekday, week_of

LONGEST: Final = timedelta(weeks=260)
LOOK_BACK: Final = timedelta(weeks=52)
AHEAD: Final = timedelta(weeks=4)
_MOST_ROWS: Final = 2_000_000
_WEEK: Final = "{day} - ((CAST(EXTRACT(isodow FROM {day}) AS int) - 1 - :first + 7) % 7)"
_ASKED_DAY: Final = "CAST(r.created_at AT TIME ZONE :zone AS date)"
_ASKED: Final = f"""
    SELECT o.code, s.code, {_WEEK.format(day=_ASKED_DAY)} AS week, count(*), sum(r.party_size), sum(r.units)
    FROM request r
    JOIN request_office c ON c.request_id = r.id AND c.rank = 0
    JOIN office o ON o.id = c.office_id
    JOIN service s ON s.id = r.service_id
    WHERE r.state <> 'refused'
    AND r.created_at AT TIME ZONE :zone >= :since AND r.created_at AT TIME ZONE :zone < :until
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - our own words
_CAME_DAY: Final = "CAST(a.starts_at AT TIME ZONE o.time_zone AS date)"
_CAME: Final = f"""
    SELECT code, service, week, count(*), count(*) FILTER (WHERE kind = 'no_show') FROM (
      SELECT o.code, s.code AS service, {_WEEK.format(day=_CAME_DAY)} AS week,
        {kind_as_of("ended", "'infinity'")} AS kind
      FROM outcome ended
      JOIN appointment a ON a.id = ended.appointment_id
      JOIN office o ON o.id = a.office_id
      JOIN request r ON r.id = a.request_id
      JOIN service s ON s.id = r.service_id
      WHERE a.starts_at >= :since AND a.starts_at < :until
    ) AS each WHERE kind IN ('served', 'no_show') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - our own words
_SLOTS: Final = """
    SELECT code, draw, walk_in, units, count(*) FROM (
      SELECT o.code, sum(p.places) AS units, coalesce(sum(p.places) FILTER (WHERE p.pool = 'draw'), 0) AS draw,
        coalesce(sum(p.places) FILTER (WHERE p.pool = 'walk_in'), 0) AS walk_in
      FROM slot s JOIN slot_pool p ON p.slot_id = s.id JOIN office o ON o.id = s.office_id
      WHERE o.active AND s.local_day >= :since AND s.local_day < :until GROUP BY o.code, s.id
    ) AS each GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_PARTIES: Final = """
    SELECT r.units FROM appointment a JOIN request r ON r.id = a.request_id
    WHERE a.draw_id IS NOT NULL AND a.created_at >= :since ORDER BY a.created_at DESC LIMIT 5000
"""


def asked_by_week(core: Core, pack: Pack) -> pd.DataFrame:
    """Count what was asked in whole weeks before this one (`booking.scheduling.forecast.panel.COLUMNS`).

    Refused requests are left out, for refusing is what keeps hoarders away. Raises
    `booking.country.figures.read_only.TooMuchAskedError`.
    """
    this = week_of(pack, core.today())
    times = _times(pack, this - LONGEST, this) | {"zone": pack.country.time_zone}
    with reading(core.older_sessions()) as session:
        return _frame(session, _ASKED, times, DEMAND)


def came_by_week(core: Core, pack: Pack) -> pd.DataFrame:
    """Count appointments of the last year that are over (`booking.scheduling.forecast.attendance.COLUMNS`)."""
    this = week_of(pack, core.today())
    with reading(core.older_sessions()) as session:
        return _frame(session, _CAME, _times(pack, this - LOOK_BACK, this), ATTENDANCE)


def coming_slots(core: Core) -> pd.DataFrame:
    """Count the slots of the coming four weeks by office and places, for `forecast.overbooking.propose`."""
    today = core.today()
    columns = ("office", "draw", "walk_in", "units", "slots")
    with reading(core.older_sessions()) as session:
        return _frame(session, _SLOTS, {"since": today, "until": today + AHEAD}, columns)


def party_mix(core: Core) -> tuple[float, ...]:
    """Return the shares of appointments of 1, 2, ... units that draws gave lately; singles where there are none."""
    since = core.clock.now() - LOOK_BACK
    with reading(core.older_sessions()) as session:
        return mix_of([int(row[0]) for row in rows(session, _PARTIES, {"since": since})])


def _times(pack: Pack, since: date, until: date) -> dict[str, Any]:
    return {"first": first_weekday(pack), "since": since, "until": until}


def _frame(session: Session, statement: str, values: dict[str, Any], columns: tuple[str, ...]) -> pd.DataFrame:
    found = rows(session, statement, values, most=_MOST_ROWS)
    frame = pd.DataFrame(found, columns=list(columns))
    counts = [name for name in columns if name not in {"office", "service", "week"}]
    return frame.astype(dict.fromkeys(counts, "int64"))
