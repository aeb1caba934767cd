"""Appointments as the no-show model knows them: past ones with what became of them, and coming ones."""

from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.antifraud.gate.learned_rows import who_acts_together
from booking.platform.models.requests.appointment import kind_as_of
from fraud.no_show.model import FEATURES

# All of it was known when the appointment was made.
_KNOWN: Final = f"""
    a.id AS appointment, a.reference, a.request_id AS request, a.starts_at AS time, o.code AS office,
    CAST(a.starts_at AT TIME ZONE o.time_zone AS date) AS day, r.units, r.party_size, r.reschedules AS moves,
    EXTRACT(epoch FROM a.starts_at - a.created_at) / 86400 AS days_ahead,
    EXTRACT(hour FROM a.starts_at AT TIME ZONE o.time_zone) AS hour_of_day,
    EXTRACT(isodow FROM a.starts_at AT TIME ZONE o.time_zone) - 1 AS weekday,
    r.door = 'abroad' AS asks_from_abroad, a.draw_id IS NOT NULL AS given_by_draw,
    past.no_shows AS earlier_no_shows, past.visits AS earlier_visits, past.cancellations AS earlier_cancellations
    FROM appointment a JOIN request r ON r.id = a.request_id JOIN office o ON o.id = a.office_id
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE kind = 'no_show') AS no_shows, count(*) FILTER (WHERE kind = 'served') AS visits,
        count(*) FILTER (WHERE kind = 'cancelled') AS cancellations
      FROM (
        SELECT {kind_as_of("ended", "a.created_at")} AS kind FROM outcome ended WHERE ended.account_id = r.account_id
        AND ended.at < a.created_at AND ended.at >= a.created_at - interval '365 days'
      ) AS each
    ) AS past
"""  # noqa: S608 - our own words
_PAST: Final = f"""
    SELECT known.value AS label, {_KNOWN}
    JOIN LATERAL (
      SELECT value FROM label l WHERE l.request_id = r.id AND l.kind = 'attendance' AND l.known_at < :as_of
      ORDER BY l.known_at DESC, l.id LIMIT 1
    ) known ON true
    WHERE a.starts_at < :as_of AND a.state NOT IN ('lapsed', 'cancelled')
    ORDER BY a.starts_at, a.id
"""  # noqa: S608 - our own words
_COMING: Final = f"""
    SELECT a.confirmed_at, a.reminded_at, a.reminded_early_at, {_KNOWN}
    WHERE a.state = 'confirmed' AND a.starts_at > :after AND a.starts_at <= :until
    ORDER BY a.starts_at, a.id
"""


def past_appointments(session: Session, *, as_of: datetime) -> pd.DataFrame:
    """Return appointments of which it was known before an instant whether anybody came, as `fit_no_show` takes them."""
    frame = _frame(session, _PAST, as_of=as_of)
    return frame.assign(person=frame["request"].map(who_acts_together(session, as_of)))


def coming_appointments(session: Session, *, after: datetime, until: datetime) -> pd.DataFrame:
    """Return confirmed appointments that begin in a stretch of time, with a column for each feature."""
    return _frame(session, _COMING, after=after, until=until)


def _frame(session: Session, statement: str, **values: Any) -> pd.DataFrame:
    result = session.execute(text(statement), values)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    return frame.astype(dict.fromkeys(FEATURES, float))
