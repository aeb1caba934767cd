"""Which phones an account had lately, beside the one that it has: limits on a phone hold for all of them."""

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
    had = (
        select(PhoneChange.old_hash)
        .where(PhoneChange.account_id == account_id, PhoneChange.done_at > now - LATELY)
        .order_by(PhoneChange.done_at.desc())
    )
    return list(dict.fromkeys(one for one in session.scalars(had) if one))
