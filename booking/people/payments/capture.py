"""What a provider reports is taken once: replays, late news, wrong amounts and unknown payments change nothing."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.people.payments.provider import ForgedEventError, ProviderEvent, ProviderUnavailableError, provider_of
from booking.platform.base.errors import NotFoundError
from booking.platform.models import OnlineCase, Payment, PaymentEvent
from booking.platform.models.online.payment import EventKind, Outcome, PaymentState


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


log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
LONGEST_ID: Final = 200
LARGEST_AMOUNT: Final = 2**31 - 1


def take_webhook(core: Core, *, provider: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Take what came at a provider's address.

    Raises
    ------
    NotFoundError
        The settings name another provider, or none.
    ForgedEventError
        It is not the provider's, was changed, or is too old.
    """
    ours = provider_of(core)
    if ours is None or ours.code != provider:
        raise NotFoundError
    try:
        event = _within_bounds(ours.read_event(body, headers))
    except ForgedEventError as error:
        log.warning("payment_event_forged", provider=provider, why=str(error))
        raise
    return take_event(core, provider, event)


def ask_provider(core: Core, case_id: UUID) -> None:
    """Ask the provider how the open payment of a case went; raises ProviderUnavailableError."""
    provider = provider_of(core)
    with core.sessions.reading() as session:
        waiting = session.scalar(
            select(Payment.reference).where(Payment.case_id == case_id, Payment.state == PaymentState.CREATED)
        )
    if provider is None or waiting is None:
        return
    event = provider.look_up(waiting)
    if event is not None:
        take_event(core, provider.code, event)


def take_event(core: Core, provider: str, event: ProviderEvent) -> Outcome:
    """Take one event, once; when it comes again, the answer says that it is known."""
    with core.sessions.begin() as session:
        payment = _locked_payment(session, provider, event.reference)
        row_id = uuid4()
        new = session.scalar(
            insert(PaymentEvent)
            .values(
                id=row_id,
                provider=provider,
                event_id=event.event_id,
                payment_id=payment.id if payment else None,
                kind=event.kind,
                amount=event.amount,
                currency=event.currency[:12],
                outcome=Outcome.APPLIED,
                received_at=core.clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(PaymentEvent.id)
        )
        if new is None:
            return Outcome.REPEATED
        outcome = Outcome.UNKNOWN_PAYMENT if payment is None else _apply(session, core, payment, event)
        session.execute(update(PaymentEvent).where(PaymentEvent.id == row_id).values(outcome=outcome))
    if outcome is not Outcome.APPLIED:
        log.warning("payment_event_changed_nothing", provider=provider, outcome=outcome.value)
    return outcome


def _within_bounds(event: ProviderEvent) -> ProviderEvent:
    if len(event.event_id) > LONGEST_ID or not 0 <= event.amount <= LARGEST_AMOUNT:
        raise ForgedEventError("out of bounds")
    return event


def _locked_payment(session: Session, provider: str, reference: str) -> Payment | None:
    """Lock the case first and then its payment, as everyone does."""
    found = session.execute(
        select(Payment.id, Payment.case_id).where(Payment.provider == provider, Payment.reference == reference)
    ).one_or_none()
    if found is None:
        return None
    session.scalars(select(OnlineCase).where(OnlineCase.id == found.case_id).with_for_update(of=OnlineCase)).one()
    return session.scalars(select(Payment).where(Payment.id == found.id).with_for_update(of=Payment)).one()


def _apply(session: Session, core: Core, payment: Payment, event: ProviderEvent) -> Outcome:
    if (event.amount, event.currency) != (payment.amount, payment.currency):
        return Outcome.WRONG_AMOUNT
    match event.kind, payment.state:
        case EventKind.PAID, PaymentState.CREATED:
            payment.move_to(PaymentState.PAID)
            payment.paid_at = core.clock.now()
            for go_on in core.hooks.payment_made:
                go_on(session, core, payment.case_id)
        case EventKind.PAID, PaymentState.DROPPED:
            payment.paid_at = core.clock.now()
            refund_later(session, payment)
        case EventKind.PAID, _:
            return Outcome.REPEATED
        case EventKind.FAILED, PaymentState.CREATED:
            payment.move_to(PaymentState.DROPPED)
        case EventKind.REFUNDED, PaymentState.REFUND_DUE:
            payment.move_to(PaymentState.REFUNDED)
            payment.refunded_at = core.clock.now()
        case _:
            return Outcome.OUT_OF_ORDER
    return Outcome.APPLIED


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
