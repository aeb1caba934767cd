"""Read the past as frames, with the transactions that wrote it, and the verdicts of a stretch of time."""

from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from booking.antifraud.gate.edit_verdicts import NOT_EDITED
from booking.platform.models.requests.appointment import drawn
from booking.platform.models.requests.request import ASKED_FOR
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
