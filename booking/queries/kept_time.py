"""For how long places of instant booking were kept that nobody confirmed: by account and by phone."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from booking.errors import TooManyHoldsError
from booking.models import Appointment, AppointmentPlaces, Request
from booking.states import Pool

WINDOW: Final = timedelta(days=1)
MOST_LIFETIMES: Final = 3
"""Of a hold, in ``WINDOW``, in all that one phone keeps without confirming it."""
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:owner)")


def refuse_keeping_more(
    session: Session, *, account_id: UUID, phone_hash: bytes, lifetime: timedelta, now: datetime
) -> None:
    """Refuse another hold where places were kept long enough in vain: no limit of attempts ends that.

    What is kept now counts until its end, so nobody keeps many at once; what is given back counts until then, so
    looking at several times costs nothing. Holds of one phone are asked for one after the other.

    Raises
    ------
    TooManyHoldsError
        Three whole holds in a day ended without confirmation.
    """
    owner = phone_hash or account_id.bytes
    session.execute(_LOCK, {"owner": int.from_bytes(owner[:8], signed=True)})
    end = func.least(func.coalesce(Appointment.ended_at, Appointment.confirm_by), Appointment.confirm_by)
    kept, first = session.execute(
        select(func.sum(end - Appointment.created_at), func.min(Appointment.created_at))
        .join(Request, Request.id == Appointment.request_id)
        .join(AppointmentPlaces, AppointmentPlaces.appointment_id == Appointment.id)
        .where(
            or_(Request.account_id == account_id, and_(Request.phone_hash == phone_hash, Request.phone_hash != b"")),
            AppointmentPlaces.pool == Pool.INSTANT,
            Appointment.confirmed_at.is_(None),
            Appointment.created_at > now - WINDOW,
        )
    ).one()
    if first is not None and kept >= MOST_LIFETIMES * lifetime:
        raise TooManyHoldsError(max(1, int((first + WINDOW - now).total_seconds())))
