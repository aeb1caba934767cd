"""Read the gate's verdicts of a period with what is known of them now, for a backtest of rules."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.core import Core
from booking.errors import PolicyMissingError
from booking.models import RuleSetVersion
from booking.queries.outcomes import kind_as_of
from fraud.backtest import GROUPS, Backtest, backtest
from fraud.facts import BY_NAME
from fraud.rules import parse_rules

BATCH: Final = 5_000
_AGE_BANDS: Final = ((18, "under 18"), (30, "18-29"), (45, "30-44"), (60, "45-59"), (200, "60 and over"))

# What weighs most comes first: reselling that was confirmed, an appeal, an officer, how the appointment ended.
_HISTORY: Final = f"""
    SELECT r.reference, v.decided_at AS at, v.inputs, r.door AS residence, o.code AS office, s.code AS service,
        CAST(p.id AS text) AS person, p.birth_date,
        CASE
            WHEN resold.value THEN 'confirmed_fraud'
            WHEN upheld.id IS NOT NULL THEN 'appeal_upheld'
            WHEN officer.decision = 'refuse' THEN 'refused_by_officer'
            WHEN ending.kind IN ('served', 'no_show') THEN ending.kind
            WHEN officer.decision = 'accept' OR NOT resold.value THEN 'cleared'
            ELSE coalesce(ending.kind, 'open')
        END AS known
    FROM verdict v
    JOIN request r ON r.id = v.request_id
    JOIN service s ON s.id = r.service_id
    JOIN request_office c ON c.request_id = r.id AND c.rank = 0
    JOIN office o ON o.id = c.office_id
    JOIN request_member m ON m.request_id = r.id AND m.position = 0
    JOIN person p ON p.id = m.person_id
    LEFT JOIN LATERAL (
        SELECT {kind_as_of("ended", "'infinity'")} AS kind FROM outcome ended WHERE ended.request_id = r.id
        ORDER BY ended.at DESC LIMIT 1
    ) AS ending ON true
    LEFT JOIN LATERAL (SELECT decision FROM verdict WHERE request_id = r.id AND officer_id IS NOT NULL
        ORDER BY decided_at DESC LIMIT 1) AS officer ON true
    LEFT JOIN LATERAL (SELECT id FROM appeal WHERE request_id = r.id AND state = 'upheld' LIMIT 1) AS upheld ON true
    LEFT JOIN LATERAL (SELECT value FROM label WHERE request_id = r.id AND kind = 'reselling'
        ORDER BY known_at DESC LIMIT 1) AS resold ON true
    WHERE v.decided_at >= :first AND v.decided_at < :until AND v.inputs <> '{{}}'::jsonb AND v.decision <> 'refuse'
    ORDER BY v.decided_at, v.id
"""  # noqa: S608 - our own words


def try_rules(core: Core, *, source: str, first: date | None = None, last: date | None = None) -> Backtest:
    """Run a draft over the verdicts of a period, both days included, in the country's time; by default over all.

    Requests that hard facts refused are left out, for no rule was asked about them.

    Raises
    ------
    fraud.rules.RuleError
        The draft is no rule set.
    PolicyMissingError
        No rule set is active to compare with.
    """
    draft = parse_rules(source)
    with core.sessions() as session:
        active = session.scalar(select(RuleSetVersion.source).where(RuleSetVersion.active))
        if active is None:
            raise PolicyMissingError
        return backtest(verdict_history(session, core, first=first, last=last), draft, parse_rules(active))


def verdict_history(session: Session, core: Core, *, first: date | None, last: date | None) -> pd.DataFrame:
    """Read the verdicts of a period as `fraud.backtest.backtest` takes them; no personal data is in the frame."""
    zone = ZoneInfo(core.pack.country.time_zone)
    times = {
        "first": datetime.combine(first or date(2000, 1, 1), time(), zone),
        "until": datetime.combine((last or core.today()) + timedelta(days=1), time(), zone),
    }
    result = session.execute(text(_HISTORY).execution_options(yield_per=BATCH), times)
    records = [_record(row) for batch in result.partitions() for row in batch]
    frame = pd.DataFrame(records, columns=[*BY_NAME, "reference", "person", "at", "known", "exceptions", *GROUPS])
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


def _record(row: Any) -> dict[str, Any]:
    about = {"reference": row.reference, "at": row.at, "known": row.known, "person": row.person}
    asked = {"office": row.office, "service": row.service, "residence": row.residence}
    facts: dict[str, Any] = row.inputs["facts"]
    return {
        **facts,
        **about,
        **asked,
        "age_band": _age_band(row.birth_date, row.at.date()),
        "exceptions": tuple(row.inputs.get("exceptions", ())),
    }


def _age_band(born: date, day: date) -> str:
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next(name for end, name in _AGE_BANDS if age < end)
