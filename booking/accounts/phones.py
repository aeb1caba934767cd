"""Which phones an account had lately, beside the one that it has: limits and history of phones hold for all of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import PhoneChange

LATELY: Final = timedelta(days=30)
"""How long a phone before counts on: longer than any limit's window that is counted by phone."""


def phones_before(session: Session, *, account_id: UUID, now: datetime) -> Sequence[bytes]:
    """Return the keyed hashes of the phones that an account had within `LATELY` and changed, the latest first."""
    had = changed_phones(session, account_id=account_id, since=now - LATELY)
    return list(dict.fromkeys(one for one in reversed(had) if one))


def changed_phones(session: Session, *, account_id: UUID, since: datetime) -> Sequence[bytes]:
    """Return the keyed hash of the phone before each change that an account made after an instant, the earliest first.

    It is empty (b"") where there was none, or where a phone was never confirmed.
    """
    changes = select(PhoneChange.old_hash).where(PhoneChange.account_id == account_id, PhoneChange.done_at > since)
    return session.scalars(changes.order_by(PhoneChange.done_at)).all()
