"""What the gate may learn from as of a day: requests, the facts of their verdicts, and the labels known by then."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sqlalchemy import text
from sqlalchemy.orm import Session

from fraud.facts import ALWAYS, FEATURES
from fraud.scoring.fairness import age_band

EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
# The most certain word about a request, and of equally certain ones the last: resold, then appeal, review, attendance.
# Of attendance the last word counts. Not having come says nothing about hoarding; it teaches the no-show model alone.
_ROWS: Final = text(
    """
    SELECT r.id AS request, r.created_at AS time, r.account_id AS account, v.id AS verdict, v.inputs->'facts' AS facts,
      v.score, v.decision, v.decided_at, r.door, o.region_code AS region,
      (a.registered_helper OR r.helper_id IS NOT NULL) AS helper,
      s.code AS service, s.id AS service_id, o.code AS office, first.birth_date, known.value AS label, known.known_at,
      shadow.score AS shadow_score
    FROM request r
    JOIN LATERAL (
      SELECT * FROM verdict WHERE request_id = r.id AND officer_id IS NULL AND inputs->'facts' IS NOT NULL
      ORDER BY decided_at, id LIMIT 1
    ) v ON true
    JOIN account a ON a.id = r.account_id
    JOIN service s ON s.id = r.service_id
    LEFT JOIN request_office ro ON ro.request_id = r.id AND ro.rank = 0
    LEFT JOIN office o ON o.id = ro.office_id
    LEFT JOIN LATERAL (
      SELECT p.birth_date FROM request_member m JOIN person p ON p.id = m.person_id
      WHERE m.request_id = r.id ORDER BY m.position LIMIT 1
    ) first ON true
    LEFT JOIN LATERAL (
      SELECT value, known_at FROM label l
      WHERE l.request_id = r.id AND l.known_at < :as_of AND NOT (l.kind = 'attendance' AND (
        SELECT last.value FROM label last
        WHERE last.request_id = r.id AND last.kind = 'attendance' AND last.known_at < :as_of
        ORDER BY last.known_at DESC, last.id LIMIT 1
      ))
      ORDER BY array_position(ARRAY['reselling', 'appeal', 'review', 'attendance'], l.kind::text), l.known_at DESC, l.id
      LIMIT 1
    ) known ON true
    LEFT JOIN shadow_score shadow ON shadow.verdict_id = v.id AND shadow.model_version = :version
    WHERE r.created_at < :as_of AND r.created_at >= :since AND v.decision <> 'refuse'
    ORDER BY r.created_at DESC, r.id DESC
    LIMIT :most
    """
)
_MEMBERS: Final = text(
    """
    SELECT r.id AS request, r.account_id::text AS account, coalesce(m.person_id, r.account_id)::text AS person
    FROM request r LEFT JOIN request_member m ON m.request_id = r.id WHERE r.created_at < :as_of
    ORDER BY r.created_at, r.id, m.position
    """
)


def gate_rows(
    session: Session, *, since: datetime, as_of: datetime, shadow: int = 0, most: int | None = None
) -> pd.DataFrame:
    """Return the judged requests of a period, with what was known about them before ``as_of``.

    Requests that a hard fact refused are left out: the score never saw them.

    Parameters
    ----------
    shadow
        The version whose shadow scores are added.
    most
        Only so many are read, the latest.

    Returns
    -------
    pandas.DataFrame
        ``time``, ``request``, ``account``, ``score`` (nan where no model judged), ``shadow_score``, ``decision``,
        ``label`` (true: hoards; None: not known by then), groups (``residence``, ``region``, ``age``, ``helper``),
        ``service``, ``office``, and a column for each fact, nan where an older schema had none.
    """
    wanted = {"as_of": as_of, "since": since, "version": shadow, "most": most}
    found = session.execute(_ROWS, wanted).mappings().all()
    frame = pd.DataFrame([_flat(dict(row)) for row in reversed(found)])
    columns = ["time", "request", "account", "score", "shadow_score", "decision", "label", *FEATURES]
    return frame if len(frame) else pd.DataFrame(columns=[*columns, "residence", "region", "age", "helper"])


def training_rows(session: Session, *, as_of: datetime) -> pd.DataFrame:
    """Return the labelled requests that may teach a model as of an instant: nothing in them was known later.

    Returns
    -------
    pandas.DataFrame
        A column for each fact, ``time``, ``person`` and ``label``, as `fraud.scoring.model.fit` takes it. ``person`` is
        the same for accounts that share a person and people that share an account. What an older verdict does not have
        (`fraud.facts.LATER`) is nan.
    """
    rows = gate_rows(session, since=EVER, as_of=as_of)
    rows = rows[rows["label"].notna()].dropna(subset=list(ALWAYS))
    kept = rows[["time", "label", *FEATURES]].assign(person=rows["request"].map(who_acts_together(session, as_of)))
    return kept.astype({"label": bool}).astype(dict.fromkeys(FEATURES, float)).reset_index(drop=True)


def who_acts_together(session: Session, as_of: datetime) -> dict[Any, int]:
    """Return one number for all who were connected through accounts and people before an instant; by request.

    The numbers are those of the order of time, so that nothing later, nor where a row lies on the disk, changes them.
    """
    return _people(tuple(row) for row in session.execute(_MEMBERS, {"as_of": as_of}))


def _people(members: Iterable[tuple[Any, ...]]) -> dict[Any, int]:
    rows = list(members)
    if not rows:
        return {}
    requests, accounts, people = zip(*rows, strict=True)
    account, account_names = pd.factorize(np.array(accounts, dtype=object))
    person, person_names = pd.factorize(np.array(people, dtype=object))
    size = len(account_names) + len(person_names)
    links = coo_matrix((np.ones(len(rows)), (account, person + len(account_names))), shape=(size, size))
    _, number = connected_components(links, directed=False)
    return dict(zip(requests, number[account].tolist(), strict=True))


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    facts = row.pop("facts")
    born, day = row.pop("birth_date"), row["time"].date()
    age = None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    row["residence"] = "abroad" if row.pop("door") == "abroad" else "home"
    row["age"] = "unknown" if age is None else age_band(age)
    row["helper"] = "helper" if row["helper"] else "no helper"
    row["score"] = np.nan if row["score"] is None else row["score"]
    row["shadow_score"] = np.nan if row["shadow_score"] is None else row["shadow_score"]
    return row | {name: facts.get(name, np.nan) for name in FEATURES}
