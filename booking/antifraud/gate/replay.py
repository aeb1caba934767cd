"""Repeat the verdicts of a day from history: the same facts, the same decision, the same reasons, or a difference.

The facts come from the frames (`fraud.features`), not from the statement of the live gate, so that each checks the
other. What a verdict could not see, because it was being written at that moment, is left out as it was then.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import structlog
from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.antifraud.gate.signed_paper import SIGNED_ON_PAPER, on_paper
from booking.antifraud.gate.snapshots import Snapshot
from booking.antifraud.gate.versions import NOT_EDITED
from booking.country.core.core import Core
from booking.country.core.policies import GatePolicies, GatePolicy
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import ReplayRun
from booking.platform.models.requests.appointment import drawn
from booking.platform.models.requests.request import ASKED_FOR
from fraud.facts import LATER, SCHEMA, Facts, HardFacts
from fraud.features import window_facts
from fraud.limiting.limits import LimitDecision
from fraud.past.history import History
from fraud.past.windows import OUTCOMES, WINDOWS

_LONGEST_REQUESTS: Final = max(window.over for window in WINDOWS if window.counts not in OUTCOMES)
PHONES_COUNT_FOR: Final = max(window.over for window in WINDOWS if window.of == "phone")
"""How long a phone that an account changed counts on: as long as what was done with it."""
_LONGEST_OUTCOMES: Final = max(window.over for window in WINDOWS if window.counts in OUTCOMES)

# A request whose appointment ended in time is needed for its people, however old it is, and so is one that moved it.
_NEEDED: Final = """
    SELECT id FROM request WHERE created_at >= :requests_from AND created_at < :until
    UNION SELECT request_id FROM outcome WHERE at >= :outcomes_from AND at < :until
    UNION SELECT again.id FROM outcome o JOIN request again ON again.created_at = o.at AND again.reschedules > 0
        WHERE o.kind = 'cancelled' AND o.at >= :outcomes_from AND o.at < :until
"""
_REQUESTS: Final = f"""
    SELECT CAST(r.id AS text) AS request, r.created_at AS at, CAST(r.account_id AS text) AS account,
        encode(r.device_hash, 'hex') AS device, encode(r.network_hash, 'hex') AS network,
        encode(r.phone_hash, 'hex') AS phone, r.reschedules AS moves, r.transaction
    FROM request r JOIN ({_NEEDED}) AS needed ON needed.id = r.id
"""  # noqa: S608 - our own words
_PEOPLE: Final = f"""
    SELECT CAST(m.request_id AS text) AS request, CAST(m.person_id AS text) AS person, EXISTS (
        SELECT FROM request_member AS one
        WHERE one.request_id = m.request_id AND one.person_id = m.person_id AND one.proven) AS stayed
    FROM {ASKED_FOR} AS m JOIN ({_NEEDED}) AS needed ON needed.id = m.request_id
"""  # noqa: S608 - our own words
_OUTCOMES: Final = f"""
    SELECT CAST(o.request_id AS text) AS request, o.at, o.kind, {drawn("a")} AS drawn, o.transaction
    FROM outcome o JOIN appointment a ON a.id = o.appointment_id
    WHERE o.at >= :outcomes_from AND o.at < :until
"""  # noqa: S608 - our own words
_CORRECTIONS: Final = """
    SELECT CAST(o.request_id AS text) AS request, o.at AS ended, c.at, c.kind, c.transaction
    FROM outcome_correction c JOIN outcome o ON o.appointment_id = c.appointment_id
    WHERE o.at >= :outcomes_from AND c.at < :until
    ORDER BY c.at, c.transaction
"""
_VERDICTS: Final = f"""
    SELECT CAST(v.request_id AS text) AS request, v.inputs, v.decision, v.reasons, v.score, v.versions, v.degraded,
        a.created_at AS account_created_at, r.door, r.reason_code, CAST(r.account_id AS text) AS account,
        encode(r.device_hash, 'hex') AS device, encode(r.network_hash, 'hex') AS network,
        encode(r.phone_hash, 'hex') AS phone,
        coalesce(
            (SELECT o.time_zone FROM office o WHERE o.code = first.wish -> 'offices' ->> 0),
            (SELECT o.time_zone FROM request_office c JOIN office o ON o.id = c.office_id
                WHERE c.request_id = r.id ORDER BY c.rank LIMIT 1)
        ) AS time_zone,
        coalesce(
            jsonb_array_length(first.wish -> 'offices'),
            (SELECT count(*) FROM request_office c WHERE c.request_id = r.id)
        ) AS offices_ranked,
        coalesce(
            CAST(first.wish ->> 'party' AS integer), (SELECT count(*) FROM request_member m WHERE m.request_id = r.id)
        ) AS party_size,
        ARRAY(SELECT encode(c.old_hash, 'hex') FROM phone_change c
            WHERE c.account_id = r.account_id
                AND c.done_at > CAST(v.inputs -> 'seen' ->> 'at' AS timestamptz) - CAST(:phones_count_for AS interval)
            ORDER BY c.done_at LIMIT coalesce(CAST(v.inputs -> 'seen' ->> 'phones_changed' AS integer), 0)
        ) AS phones_before
    FROM verdict v JOIN request r ON r.id = v.request_id JOIN account a ON a.id = r.account_id
    LEFT JOIN request_edit first ON first.request_id = r.id AND first.number = 0
    WHERE v.decided_at >= :first AND v.decided_at < :until AND v.inputs <> '{{}}'::jsonb AND {NOT_EDITED}
    ORDER BY v.decided_at, v.id
"""  # noqa: S608 - our own words


def past(session: Session, *, first: datetime, until: datetime) -> History:
    """Read all that a verdict made between two instants may have counted.

    Requests, outcomes and corrections have a further column ``transaction`` (int64): the one that wrote the row.
    """
    times = {
        "requests_from": first - _LONGEST_REQUESTS,
        "outcomes_from": first - _LONGEST_OUTCOMES,
        "until": until,
    }
    return History.of(
        _frame(session, _REQUESTS, times, instants=True),
        _frame(session, _PEOPLE, times, instants=False),
        _frame(session, _OUTCOMES, times, instants=True),
        _frame(session, _CORRECTIONS, times, instants=True).astype({"ended": "datetime64[us, UTC]"}),
    )


def verdicts_between(session: Session, *, first: datetime, until: datetime) -> list[Row[Any]]:
    """Read the gate's own verdicts, each with what its request said for itself when it was asked for.

    ``phones_before`` are the phones that the account had then and changed: as many changes as the verdict saw.
    """
    times = {"first": first, "until": until, "phones_count_for": PHONES_COUNT_FOR}
    return list(session.execute(text(_VERDICTS), times))


def _frame(session: Session, statement: str, times: dict[str, datetime], *, instants: bool) -> pd.DataFrame:
    result = session.execute(text(statement), times)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    if not instants:
        return frame
    return frame.astype({"at": "datetime64[us, UTC]", "transaction": "int64"})


_NAMES: Final = frozenset(fact.name for fact in SCHEMA)
_ALWAYS: Final = _NAMES - LATER
_SUBJECTS: Final = ("account", "device", "network", "phone")
# A verdict is decided a moment after it looked at history.
_A_MOMENT: Final = timedelta(hours=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Replay:
    """What came out.

    ``differences`` counts verdicts by what came out otherwise: the name of a fact, or "decision", "reasons", "score",
    "policy" (a version is not kept any more). ``skipped`` verdicts do not say what they saw, or know other facts.
    """

    day: date
    repeated: int
    skipped: int
    differences: Counter[str] = field(default_factory=Counter)


def replay(core: Core, day: date | None = None) -> Replay:
    """Repeat the verdicts of a day in the country's time, yesterday unless given, and keep what came out."""
    day = day or core.today() - timedelta(days=1)
    zone = ZoneInfo(core.pack.country.time_zone)
    first, until = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    with core.sessions() as session:
        made = verdicts_between(session, first=first, until=until)
        told = [row for row in made if "seen" in row.inputs and _ALWAYS <= set(row.inputs["facts"]) <= _NAMES]
        history = past(session, first=first - _A_MOMENT, until=until)
        found = Replay(day, len(told), len(made) - len(told), _differences(session, history, told))
    with core.sessions.begin() as session:
        values = {
            "finished_at": core.clock.now(),
            "repeated": found.repeated,
            "skipped": found.skipped,
            "differences": dict(found.differences),
        }
        row = insert(ReplayRun).values(day=day, **values)
        session.execute(row.on_conflict_do_update(index_elements=[ReplayRun.day], set_=values))
    _log.info("replay", day=day.isoformat(), repeated=found.repeated, differences=dict(found.differences))
    return found


def _differences(session: Session, history: History, made: list[Row[Any]]) -> Counter[str]:
    if not made:
        return Counter()
    asks = pd.DataFrame(
        {"request": [row.request for row in made], "at": [row.inputs["seen"]["at"] for row in made]}
        | {subject: [getattr(row, subject) for row in made] for subject in _SUBJECTS}
        | {"phones_before": [frozenset(row.phones_before) - {""} for row in made]}
    )
    asks["at"] = pd.to_datetime(asks["at"], utc=True, format="ISO8601").dt.as_unit("us")
    counted = counted_as_seen(history, asks, [Snapshot.read(row.inputs["seen"]["snapshot"]) for row in made])
    policies: dict[str, GatePolicy | None] = {}
    differences: Counter[str] = Counter()
    for row, at, counts in zip(made, asks["at"].dt.to_pydatetime(), counted.to_dict("records"), strict=True):
        known = {name: count for name, count in counts.items() if name in row.inputs["facts"]}  # `fraud.facts.LATER`
        facts = row.inputs["facts"] | known | _of_itself(row, at)
        differences.update(name for name, value in facts.items() if row.inputs["facts"][name] != value)
        versions = str(sorted(row.versions.items()))
        if versions not in policies:
            policies[versions] = _policy(session, row.versions)
        differences.update(_judged_otherwise(row, facts, policies[versions]))
    return differences


def _of_itself(row: Row[Any], at: datetime) -> dict[str, float]:
    """Return the facts that follow from the request's own rows, as it was asked for."""
    return {
        "account_age_hours": max(0.0, (at - row.account_created_at).total_seconds() / 3600),
        "hour_of_day": at.astimezone(ZoneInfo(row.time_zone)).hour,
        "party_size": row.party_size,
        "offices_ranked": row.offices_ranked,
        "asks_from_abroad": row.door == "abroad",
        "reason_given": row.reason_code is not None,
    }


def _policy(session: Session, versions: Mapping[str, str]) -> GatePolicy | None:
    try:
        return GatePolicies.of(session, versions)
    except PolicyMissingError:
        return None


def _judged_otherwise(row: Row[Any], facts: dict[str, Any], policy: GatePolicy | None) -> list[str]:
    if policy is None:
        return ["policy"]
    limits = LimitDecision(
        allowed=True, tightest=None, remaining=0, retry_after_seconds=0, reset=0, degraded=row.degraded
    )
    verdict = policy.judge(
        hard=HardFacts(**row.inputs["hard"]),
        facts=Facts.from_stored(facts)[0],  # no rule or model of then asks for a fact that was not there yet
        limits=limits,
        exceptions=frozenset(row.inputs.get("exceptions", ())),
    )
    if any(reason["code"] == SIGNED_ON_PAPER.code for reason in row.reasons):
        verdict = on_paper(verdict)
    same = {
        "decision": verdict.decision.value == row.decision,
        "reasons": [reason.code for reason in verdict.reasons] == [reason["code"] for reason in row.reasons],
        "score": verdict.score == row.score,
    }
    return [name for name, is_same in same.items() if not is_same]


def counted_as_seen(history: History, asks: pd.DataFrame, snapshots: list[Snapshot]) -> pd.DataFrame:
    """Count every window for each ask from what its snapshot shows, on the index of ``asks``.

    Most asks saw all that was earlier and are counted together. Those that ran beside a request, an outcome or a
    correction of one of their own subjects are counted one by one, without what they could not see; so are those of
    accounts that had other phones (``phones_before``): what was done with any of them was done with theirs.
    """
    counts = window_facts(history, asks)
    row_of = pd.Series(np.arange(len(history.requests)), index=history.requests["request"])
    people = history.people.groupby("request")["person"].agg(frozenset).to_dict()
    subjects = history.requests.set_index("request")[list(_SUBJECTS)]
    written = [
        history.requests,
        history.outcomes.join(subjects, on="request"),
        history.corrections.join(subjects, on="request"),
    ]
    suspects = [
        place
        for place in range(len(asks))
        if asks["phones_before"].iloc[place]
        or any(_may_hide(events, asks["at"].iloc[place], snapshots[place]) for events in written)
    ]
    for place in suspects:
        ask, snapshot = asks.iloc[place], snapshots[place]
        phones = {ask["phone"], *ask["phones_before"]} - {""}
        hidden = [(events["at"] < ask["at"]) & snapshot.hides(events["transaction"].to_numpy()) for events in written]
        ours = people.get(ask["request"], frozenset())
        shared = row_of.loc[history.people.loc[history.people["person"].isin(ours), "request"].unique()].to_numpy()
        same = [_shares_subject(events, ask) | events["phone"].isin(phones) for events in written]
        same[0].iloc[shared] = True
        same[1] |= history.outcomes["request"].isin(history.requests["request"].iloc[shared])
        if ask["phones_before"] or any((unseen & shares).any() for unseen, shares in zip(hidden, same, strict=True)):
            seen = history.only(same[0] & ~hidden[0], ~hidden[1], ~hidden[2]).with_one_phone(phones)
            own = history.people[history.people["request"] == ask["request"]]
            asked = asks.iloc[[place]].assign(phone=min(phones, default=""))
            counts.iloc[place] = window_facts(seen, asked, own).iloc[0]
    return counts


def _may_hide(events: pd.DataFrame, at: pd.Timestamp, snapshot: Snapshot) -> bool:
    """Return whether an earlier event was written by a transaction that the snapshot may not show."""
    earlier = int(events["at"].searchsorted(at))
    return earlier > 0 and int(events["transaction"].iloc[:earlier].max()) >= snapshot.oldest


def _shares_subject(events: pd.DataFrame, ask: pd.Series) -> pd.Series:
    known = [subject for subject in _SUBJECTS if ask[subject] != ""]
    return (events[known] == ask[known]).any(axis=1)
