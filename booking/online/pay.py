"""A person goes to pay and comes back: one open payment a case, prepared at the provider before it is shown."""

from uuid import UUID, uuid4

from booking.base.errors import IllegalMoveError
from booking.core.core import Core
from booking.models import OnlineCase, Payment
from booking.models.online.payment_states import PaymentState
from booking.models.online.states import OnlineState
from booking.online.errors import NotOfferedError
from booking.online.fees import Due, due_for
from booking.online.rows import case_spec, own_case, read_answers_of
from booking.payments.capture import ask_provider
from booking.payments.paid import live_payment
from booking.payments.provider import Order
from booking.payments.providers import provider_of


def begin_payment(core: Core, *, account_id: UUID, reference: str) -> str:
    """Return the address at which the person pays; asked again, it is the same payment until that one has failed.

    The provider is asked first how an open payment went: its word that one failed may still be on its way, and a
    person must not be led to a payment that is over.

    Raises
    ------
    NotFoundError
        No such case of one's own.
    IllegalMoveError
        The case waits for no payment; this may be because the one that was open turned out to be paid.
    NotOfferedError
        There is no provider.
    ProviderUnavailableError
        The provider does not answer.
    """
    provider = provider_of(core)
    if provider is None:
        raise NotOfferedError
    case, known = _standing(core, account_id, reference)
    if known is not None:
        ask_provider(core, case.id)
        case, known = _standing(core, account_id, reference)
    due = _due(core, case)
    if known is not None:
        return known.address
    payment_id = uuid4()
    back = f"{core.settings.base_url}/online/cases/{reference}/paid"
    checkout = provider.begin(Order(payment_id.hex, due.amount, due.currency, back))
    with core.sessions.begin() as session:
        case = own_case(session, account_id, reference)
        _check_waits(case)
        known = live_payment(session, case.id)
        if known is not None:  # pressed twice at once: the first one counts
            return known.address
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
    return checkout.address


def look_up_payment(core: Core, *, account_id: UUID, reference: str) -> None:
    """Ask the provider how the payment of a case went, for one who comes back before the provider's word does.

    Raises
    ------
    NotFoundError
        No such case of one's own.
    ProviderUnavailableError
        The provider does not answer.
    """
    with core.sessions.reading() as session:
        case_id = own_case(session, account_id, reference, lock=False).id
    ask_provider(core, case_id)


def _standing(core: Core, account_id: UUID, reference: str) -> tuple[OnlineCase, Payment | None]:
    """Return a case and its open or paid payment."""
    with core.sessions.reading() as session:
        case = own_case(session, account_id, reference, lock=False)
        return case, live_payment(session, case.id)


def _due(core: Core, case: OnlineCase) -> Due:
    """Return what a case costs: neither its answers nor its file change any more once it waits to be paid."""
    _check_waits(case)
    return due_for(case_spec(case), case, read_answers_of(core.vault, case))


def _check_waits(case: OnlineCase) -> None:
    if case.state is not OnlineState.AWAITING_PAYMENT:
        raise IllegalMoveError(case.state, OnlineState.AWAITING_PAYMENT)
