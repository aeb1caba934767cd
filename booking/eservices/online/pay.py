"""A person goes to pay and comes back: one open payment a case, prepared at the provider before it is shown."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import lazyload

from booking.country.core.core import Core
from booking.eservices.online.errors import NotOfferedError
from booking.eservices.online.rows import case_spec, own_case, read_answers_of
from booking.eservices.online.views import Due, due_for
from booking.people.payments.capture import IS_LIVE, ask_provider
from booking.people.payments.provider import Order, PaymentProvider, provider_of
from booking.platform.base.arrays import table_of
from booking.platform.base.errors import IllegalMoveError, NotFoundError
from booking.platform.models import OnlineCase, Payment
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import LIVE, PaymentState


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A case that waits to be paid, and what for."""

    case_id: UUID
    reference: str
    due: Due


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
    provider = _provider(core)
    case, known = _standing(core, account_id, reference)
    if known is not None:
        ask_provider(core, case.id)
        case, known = _standing(core, account_id, reference)
    due = _due(core, case)
    if known is not None:
        return known.address
    opened = _open(core, provider, Unpaid(case.id, reference, due))
    # where another one was pressed at the same moment, that counts
    return begin_payment(core, account_id=account_id, reference=reference) if opened is None else opened


def begin_first_payment(core: Core, sent: Unpaid) -> None:
    """Prepare the payment of a case that was sent just now: none was begun before, so the provider is not asked first.

    Where one was begun meanwhile, or the case was taken back, what was prepared is not kept.

    Raises
    ------
    NotOfferedError
        There is no provider.
    ProviderUnavailableError
        The provider does not answer.
    """
    _open(core, _provider(core), sent)


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


def _provider(core: Core) -> PaymentProvider:
    provider = provider_of(core)
    if provider is None:
        raise NotOfferedError
    return provider


def _open(core: Core, provider: PaymentProvider, unpaid: Unpaid) -> str | None:
    """Prepare a payment and return its address; None where the case has another one, or waits for none any more."""
    payment_id = uuid4()
    back = f"{core.settings.base_url}/online/cases/{unpaid.reference}/paid"
    checkout = provider.begin(Order(payment_id.hex, unpaid.due.amount, unpaid.due.currency, back))
    payment = {
        "id": payment_id,
        "provider": provider.code,
        "reference": checkout.reference,
        "address": checkout.address,
        "amount": unpaid.due.amount,
        "currency": unpaid.due.currency,
        "state": PaymentState.CREATED,
        "created_at": core.clock.now(),
    }
    with core.sessions.by_themselves() as session:
        opened: str | None = session.scalar(_OPEN, {"of_case": unpaid.case_id, **payment})
    return opened


def _standing(core: Core, account_id: UUID, reference: str) -> tuple[OnlineCase, Payment | None]:
    """Return a case and its open or paid payment; raises NotFoundError."""
    with core.sessions.reading() as session:
        found = session.execute(_STANDING, {"account_id": account_id, "reference": reference}).one_or_none()
    if found is None:
        raise NotFoundError
    case, known = found
    return case, known


def _due(core: Core, case: OnlineCase) -> Due:
    """Return what a case costs: neither its answers nor its file change any more once it waits to be paid."""
    _check_waits(case)
    return due_for(case_spec(case), case, read_answers_of(core.vault, case))


def _check_waits(case: OnlineCase) -> None:
    if case.state is not OnlineState.AWAITING_PAYMENT:
        raise IllegalMoveError(case.state, OnlineState.AWAITING_PAYMENT)


_STANDING: Final = (
    select(OnlineCase, Payment)
    .outerjoin(Payment, and_(Payment.case_id == OnlineCase.id, IS_LIVE))
    .where(OnlineCase.reference == bindparam("reference"), OnlineCase.account_id == bindparam("account_id"))
    .options(lazyload(OnlineCase.service), lazyload(Payment.case))
)
_GIVEN: Final = tuple(
    table_of(Payment).c[name]
    for name in ("id", "provider", "reference", "address", "amount", "currency", "state", "created_at")
)
_OPEN: Final = (
    insert(table_of(Payment))
    .from_select(
        ["case_id", *(one.name for one in _GIVEN)],
        select(OnlineCase.id, *(bindparam(one.name, type_=one.type) for one in _GIVEN))
        .where(OnlineCase.id == bindparam("of_case"), OnlineCase.state == OnlineState.AWAITING_PAYMENT)
        .with_for_update(of=OnlineCase),  # whoever takes the case back waits, or is seen
    )
    .on_conflict_do_nothing(index_elements=[Payment.case_id], index_where=LIVE)
    .returning(Payment.address)
)
"""Built once, as that takes longer than to run them."""
