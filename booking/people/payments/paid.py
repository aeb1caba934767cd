"""What was paid for a case."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.platform.models import Payment
from booking.platform.models.online.payment import PaymentState


def paid_amount(session: Session, case_id: UUID) -> int:
    """Return the amount of a case's payment that stands, 0 where there is none."""
    return (
        session.scalar(select(Payment.amount).where(Payment.case_id == case_id, Payment.state == PaymentState.PAID))
        or 0
    )


def latest_payment(session: Session, case_id: UUID) -> Payment | None:
    """Return the payment of a case that is open or stands, else the last one, whatever came of it.

    A clock that was put back must not hide the open payment behind one that failed before.
    """
    return session.scalar(_LATEST, {"case_id": case_id})


IS_LIVE: Final = Payment.state.in_([PaymentState.CREATED, PaymentState.PAID])
"""The condition of the one payment of a case that is open or paid."""
_LATEST: Final = (
    select(Payment)
    .where(Payment.case_id == bindparam("case_id"))
    .order_by(~IS_LIVE, Payment.created_at.desc(), Payment.id)
    .limit(1)
)
