"""What rings are found in: who asked from which device and phone, and more about those who share one."""

from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.antifraud.linking.records import AT_ONCE, in_parts

# Registered helpers serve many people on few devices on purpose.
_ASKED: Final = """
    FROM request r JOIN account a ON a.id = r.account_id
    WHERE r.created_at >= :since AND r.created_at <= :until AND NOT a.registered_helper
    """
_BOOKINGS: Final = text(
    f"""
    SELECT r.account_id, r.device_hash, r.phone_hash, extract(epoch FROM r.created_at)::float {_ASKED}
    ORDER BY r.created_at, r.id
    """  # noqa: S608 - made of constants
)
# Whom a request is for may have left it since: then it is for somebody whom nobody else asks for.
_DETAILS: Final = text(
    f"""
    SELECT r.account_id, r.device_hash, r.phone_hash, extract(epoch FROM r.created_at)::float,
           coalesce(
             (SELECT m.person_id FROM request_member m WHERE m.request_id = r.id ORDER BY m.position LIMIT 1), r.id
           ),
           r.party_size,
           (SELECT (v.inputs->'facts'->>'form_seconds')::float FROM verdict v
            WHERE v.request_id = r.id AND v.officer_id IS NULL ORDER BY v.decided_at, v.id LIMIT 1),
           extract(epoch FROM r.created_at - a.created_at)::float / 3600
    {_ASKED} AND r.account_id = ANY(:accounts)
    ORDER BY r.created_at, r.id
    """  # noqa: S608 - made of constants
)
_SHORT: Final = ("account", "device", "phone", "at")
_LONG: Final = (*_SHORT, "person", "party", "seconds", "age_hours")


def bookings(session: Session, since: datetime, until: datetime) -> pd.DataFrame:
    """Read who asked from which device and phone; equal values are one object, so that a million rows stay small."""
    known: dict[Any, Any] = {}
    with session.execute(
        _BOOKINGS, {"since": since, "until": until}, execution_options={"yield_per": AT_ONCE}
    ) as found:
        rows = [(*(known.setdefault(value, value) for value in row[:3]), row[3]) for row in found]
    return _frame(rows, _SHORT)


def details(session: Session, since: datetime, until: datetime, accounts: "pd.Index[Any]") -> pd.DataFrame:
    """Read all that `fraud.rings.find_rings` asks about the bookings of some accounts."""
    rows: list[tuple[Any, ...]] = []
    for part in in_parts(accounts.tolist()):
        found = session.execute(_DETAILS, {"since": since, "until": until, "accounts": part})
        rows += [tuple(row) for row in found]
    return _frame(rows, _LONG)


def _frame(rows: list[tuple[Any, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    kinds = dict.fromkeys(set(columns) & {"at", "party", "seconds", "age_hours"}, float)
    return pd.DataFrame(rows, columns=list(columns), dtype=object).astype(kinds)
