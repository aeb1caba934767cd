"""A person goes to pay: one open payment a case, prepared at the provider before it is shown."""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.core import Core
from booking.errors import IllegalMoveError
from booking.models import OnlineCase, Payment
from booking.online.cases import case_spec, own_case, read_answers_of
from booking.online.errors import NotOfferedError
from booking.online.fees import Due, due_for
from booking.online.states import OnlineState
from booking.payments.provider import Order, provider_of
from booking.payments.states import PaymentState


def begin_payment(core: Core, *, account_id: UUID, reference: str) -> str:
    """Give the address at which the person pays; asked again, it is the same payment.

    Raises
    ------
    NotFoundError, IllegalMoveError
        No such case of one's own; it waits for no payment.
    NotOfferedError, ProviderUnavailableError
        There is no provider; it does not answer.
    """
    provider = provider_of(core)
    if provider is None:
        raise NotOfferedError
    with core.sessions() as session:
        case = own_case(session, account_id, reference, lock=False)
        due, known = _due(core, case), live_payment(session, case.id)
    if known is not None:
        return known.address
    payment_id = uuid4()
    back = f"{core.settings.base_url}/online/cases/{reference}/paid"
    checkout = provider.begin(Order(payment_id.hex, due.amount, due.currency, back))
    try:
        with core.sessions.begin() as session:
            case = own_case(session, account_id, reference)
            due = _due(core, case)
            session.add(
                Payment(
                    id=payment_id,
                    case_id=case.id,
                    provider=provider.code,
                    reference=checkout.reference,
                    address=checkout.address,
                    amount=due.amount,
                    currency=due.currency,
                    state=PaymentState.CREATED,
                    created_at=core.clock.now(),
                )
            )
    except IntegrityError:  # pressed twice at once: the first one counts
        with core.sessions() as session:
            first = live_payment(session, case.id)
        if first is None:
            raise
        return first.address
    return checkout.address


def live_payment(session: Session, case_id: UUID) -> Payment | None:
    """Give the open or paid payment of a case."""
    return session.scalar(
        select(Payment).where(Payment.case_id == case_id, Payment.state.in_([PaymentState.CREATED, PaymentState.PAID]))
    )


def _due(core: Core, case: OnlineCase) -> Due:
    if case.state is not OnlineState.AWAITING_PAYMENT:
        raise IllegalMoveError(case.state, OnlineState.AWAITING_PAYMENT)
    return due_for(case_spec(case), case, read_answers_of(core.vault, case))
