"""Which phones an account had lately, beside the one that it has: limits and history of phones hold for all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from booking.platform.base.arrays import any_named
from booking.platform.models import PhoneChange

LATELY: Final = timedelta(days=30)
"""How long a phone before counts on: longer than any limit's window that is counted by phone."""
_CHANGED: Final = (
    select(PhoneChange.account_id, PhoneChange.done_at, PhoneChange.old_hash)
    .where(PhoneChange.account_id == any_named("accounts", Uuid), PhoneChange.done_at > bindparam("since"))
    .order_by(PhoneChange.done_at)
)


@dataclass(frozen=True, slots=True)
class Change:
    """When an account got another phone, and the keyed hash of the one before: b"" where it had none, or none sure."""

    done_at: datetime
    before: bytes


def phones_before(session: Session, *, account_id: UUID, now: datetime) -> Sequence[bytes]:
    """Return the keyed hashes of the phones that an account had within `LATELY` and changed, the latest first."""
    changes = changed_phones(session, accounts=[account_id], since=now - LATELY).get(account_id, ())
    return had_lately(changes, now)


def had_lately(changes: Sequence[Change], now: datetime) -> Sequence[bytes]:
    """Return what `phones_before` does, from changes that were read already, the earliest first."""
    return list(dict.fromkeys(one.before for one in reversed(changes) if one.before and one.done_at > now - LATELY))


def changed_phones(session: Session, *, accounts: Collection[UUID], since: datetime) -> Mapping[UUID, Sequence[Change]]:
    """Return the changes of phone of accounts after an instant, the earliest first; who made none is not in it."""
    rows = session.execute(_CHANGED, {"accounts": list(accounts), "since": since})
    found: dict[UUID, list[Change]] = {}
    for account, done_at, before in rows:
        if done_at is not None:
            found.setdefault(account, []).append(Change(done_at, before))
    return found
