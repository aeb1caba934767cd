"""A person who is refused, or takes a case back before anyone looked, gets all of it back; jobs see to it."""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.people.payments.provider import ProviderUnavailableError
from booking.people.payments.providers import provider_of
from booking.platform.models import Payment
from booking.platform.models.online.payment import PaymentState


def end_payment(session: Session, case_id: UUID) -> bool:
    """End the payment of a locked case that ends without a result; return whether money goes back.

    An open one is dropped: should money still come, it goes back too.
    """
    payment = session.scalar(
        select(Payment)
        .where(Payment.case_id == case_id, Payment.state.in_([PaymentState.CREATED, PaymentState.PAID]))
        .with_for_update(of=Payment)
    )
    if payment is None:
        return False
    if payment.state is PaymentState.CREATED:
        payment.move_to(PaymentState.DROPPED)
        return False
    refund_later(session, payment)
    return True


def refund_later(session: Session, payment: Payment) -> None:
    """Mark a payment as owed back, and enqueue the job that pays it."""
    payment.move_to(PaymentState.REFUND_DUE)
    enqueue(session, "refund", payment_id=str(payment.id))


def refund(core: Core, payment_id: UUID) -> None:
    """Pay back a payment that is owed; repeated, it changes nothing. Raises ProviderUnavailableError."""
    with core.sessions() as session:
        payment = session.get(Payment, payment_id)
    provider = provider_of(core)
    if payment is None or payment.state is not PaymentState.REFUND_DUE:
        return
    if provider is None or provider.code != payment.provider:
        raise ProviderUnavailableError(f"{payment.provider} is not set up any more")
    provider.refund(payment.reference, amount=payment.amount, currency=payment.currency)
    with core.sessions.begin() as session:
        owed = session.get_one(Payment, payment_id, with_for_update=True)
        if owed.state is PaymentState.REFUND_DUE:
            owed.move_to(PaymentState.REFUNDED)
            owed.refunded_at = core.clock.now()


def refund_owed(core: Core) -> int:
    """Pay back everything that is still owed, for jobs that broke off; return how many."""
    with core.sessions() as session:
        owed = session.scalars(
            select(Payment.id).where(Payment.state == PaymentState.REFUND_DUE).order_by(Payment.created_at).limit(200)
        ).all()
    given = 0
    for payment_id in owed:
        with suppress(ProviderUnavailableError):
            refund(core, payment_id)
            given += 1
    return given
