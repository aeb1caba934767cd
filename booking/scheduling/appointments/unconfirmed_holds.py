"""How many places of instant booking were held that nobody confirmed: by account and by phone."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from booking.people.accounts.known_devices import phones_before
from booking.platform.base.errors import TooManyHoldsError
from booking.platform.models import Appointment, AppointmentPlaces, Request
from booking.platform.models.states import Pool

WINDOW: Final = timedelta(days=1)
MOST: Final = 3
"""Holds in ``WINDOW`` that one phone or account leaves unconfirmed."""
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:owner)")


def refuse_another_hold(session: Session, *, account_id: UUID, phone_hash: bytes, now: datetime) -> None:
    """Refuse another hold where several were left unconfirmed: no limit of attempts ends that.

    A hold that waits counts too, so nobody keeps many at once; one that was given back counts as well, since its place
    goes to a later draw, and anyone who could give back without end would empty instant booking. Holds of one phone are
    asked for one after the other. Phones that the account had lately count on: another one begins no new count.

    Raises
    ------
    TooManyHoldsError
        Three holds of the last day are not confirmed.
    """
    phones = sorted({phone_hash, *phones_before(session, account_id=account_id, now=now)} - {b""})
    for owner in phones or [account_id.bytes]:
        session.execute(_LOCK, {"owner": int.from_bytes(owner[:8], signed=True)})
    held, first = session.execute(
        select(func.count(Appointment.id.distinct()), func.min(Appointment.created_at))
        .join(Request, Request.id == Appointment.request_id)
        .join(AppointmentPlaces, AppointmentPlaces.appointment_id == Appointment.id)
        .where(
            or_(Request.account_id == account_id, Request.phone_hash.in_(phones)),
            AppointmentPlaces.pool == Pool.INSTANT,
            Appointment.confirmed_at.is_(None),
            Appointment.created_at > now - WINDOW,
        )
    ).one()
    if held >= MOST:
        raise TooManyHoldsError(max(1, int((first + WINDOW - now).total_seconds())))
