"""What is kept of credentials and offers, and how long."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, exists, or_, select

from booking.country.core.core import Core
from booking.platform.models import Appointment, CredentialOffer, IssuedCredential, IssuedResult
from booking.platform.models.requests.appointment import MOVED

KEPT: Final = timedelta(days=30)
"""How long a place outlives what it stands for: no gate takes a credential whose last day is over, whatever its bit."""


def remove_old_credentials(core: Core) -> int:
    """Remove offers that are over, and places of what ended by its own date some time ago; return how many.

    A result that has no last day keeps its places for good: nothing but their bits ends its credentials. So it is with
    passes of a day from which an appointment was moved to an earlier one, until their own day is over.
    """
    now = core.clock.now()
    later = exists().where(MOVED.c.appointment_id == Appointment.id, MOVED.c.from_starts_at >= now - KEPT)
    old = (
        IssuedCredential.result_id.in_(select(IssuedResult.id).where(IssuedResult.valid_until < core.today() - KEPT)),
        IssuedCredential.appointment_id.in_(select(Appointment.id).where(Appointment.ends_at < now - KEPT, ~later)),
    )
    with core.sessions.begin() as session:
        offers = delete(CredentialOffer).where(CredentialOffer.ends_at <= now).returning(CredentialOffer.id)
        places = delete(IssuedCredential).where(or_(*old)).returning(IssuedCredential.position)
        return sum(len(session.scalars(one).all()) for one in (offers, places))
