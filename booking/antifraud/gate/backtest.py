"""Read the gate's verdicts of a period with what is known of them now, for a backtest of rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.antifraud.gate.signed_paper import SIGNED_ON_PAPER
from booking.antifraud.gate.versions import NOT_EDITED
from booking.country.core.core import Core
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import RuleSetVersion
from booking.platform.models.requests.appointment import kind_as_of
from fraud.facts import BY_NAME
from fraud.rules.backtest import GROUPS, Backtest, backtest_all
from fraud.rules.rule_set import parse_rules

BATCH: Final = 5_000
_AGE_BANDS: Final = ((18, "under 18"), (30, "18-29"), (45, "30-44"), (60, "45-59"), (200, "60 and over"))

# A request on a signed paper waits for an officer whatever rules say.
_BY_THE_GATE: Final = f'NOT v.reasons @> \'[{{"code": "{SIGNED_ON_PAPER.code}"}}]\''

# What weighs most comes first: reselling that was confirmed, an appeal, an officer, how the appointment ended.
_HISTORY: Final = f"""
    SELECT r.id AS request, r.reference, v.decided_at AS at, v.inputs,
        v.decision, beside.decision AS beside, beside.fired, r.door AS residence, o.code AS office, s.code AS service,
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
    LEFT JOIN shadow_verdict beside ON beside.verdict_id = v.id AND beside.rules_version = :shadow
    WHERE v.decided_at >= :first AND v.decided_at < :until AND v.inputs <> '{{}}'::jsonb AND v.decision <> 'refuse'
        AND (:shadow = 0 OR beside.decision IS NOT NULL) AND {_BY_THE_GATE} AND {NOT_EDITED}
    ORDER BY v.decided_at DESC, v.id
    LIMIT :most
"""  # noqa: S608 - our own words
_HOW_MANY: Final = f"""
    SELECT count(*) FROM (
        SELECT FROM verdict v LEFT JOIN shadow_verdict beside
            ON beside.verdict_id = v.id AND beside.rules_version = :shadow
        WHERE v.decided_at >= :first AND v.decided_at < :until AND v.inputs <> '{{}}'::jsonb AND v.decision <> 'refuse'
            AND (:shadow = 0 OR beside.decision IS NOT NULL) AND {_BY_THE_GATE} AND {NOT_EDITED}
        LIMIT :most
    ) AS found
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Period:
    """Which verdicts are looked at: of some days, both included, in the country's time; the latest ``most`` of them.

    With ``shadow`` only those that this version of rules judged beside the active one.
    """

    first: date | None = None
    last: date | None = None
    most: int | None = None
    shadow: int = 0

    def parameters(self, core: Core) -> dict[str, object]:
        """Return them as the statements take them."""
        zone = ZoneInfo(core.pack.country.time_zone)
        return {
            "first": datetime.combine(self.first or date(2000, 1, 1), time(), zone),
            "until": datetime.combine((self.last or core.today()) + timedelta(days=1), time(), zone),
            "most": self.most,
            "shadow": self.shadow,
        }


def try_rules(core: Core, *, source: str, first: date | None = None, last: date | None = None) -> Backtest:
    """Run a draft over the verdicts of a period, both days included, in the country's time; by default over all.

    Requests that hard facts refused are left out, for no rule was asked about them.

    Raises
    ------
    fraud.rules.rule_set.RuleError
        The draft is not a rule set.
    PolicyMissingError
        No rule set is active to compare with.
    """
    draft = parse_rules(source)
    with core.sessions() as session, core.computing.opened() as spread:
        active = session.scalar(select(RuleSetVersion.source).where(RuleSetVersion.active))
        if active is None:
            raise PolicyMissingError
        return backtest_all(
            verdict_history(session, core, Period(first, last)), draft, parse_rules(active), spread=spread
        )


def how_many(session: Session, core: Core, period: Period) -> int:
    """Count the verdicts that `verdict_history` would read."""
    return int(session.scalars(text(_HOW_MANY), period.parameters(core)).one())


def verdict_history(session: Session, core: Core, period: Period) -> Iterator[pd.DataFrame]:
    """Read verdicts as `fraud.rules.backtest.backtest` takes them, the latest first, some thousands at a time.

    No personal data is in the frames. ``decision`` is what the gate decided, ``beside`` and ``beside_fired`` are what
    the rules in shadow would have. Without any verdict there is one empty frame.
    """
    statement, some = text(_HISTORY).execution_options(yield_per=BATCH), False
    for batch in session.execute(statement, period.parameters(core)).partitions():
        some = True
        yield _frame([_record(row) for row in batch])
    if not some:
        yield _frame([])


def _frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(records, columns=[*BY_NAME, *_ABOUT, *GROUPS])
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


_ABOUT: Final = ("request", "reference", "person", "at", "known", "exceptions", "decision", "beside", "beside_fired")


def _record(row: Any) -> dict[str, Any]:
    about = {"request": row.request, "reference": row.reference, "at": row.at, "known": row.known, "person": row.person}
    judged = {"decision": row.decision, "beside": row.beside, "beside_fired": tuple(row.fired or ())}
    asked = {"office": row.office, "service": row.service, "residence": row.residence}
    facts: dict[str, Any] = row.inputs["facts"]
    return {
        **facts,
        **about,
        **judged,
        **asked,
        "age_band": _age_band(row.birth_date, row.at.date()),
        "exceptions": tuple(row.inputs.get("exceptions", ())),
    }


def _age_band(born: date, day: date) -> str:
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next(name for end, name in _AGE_BANDS if age < end)
