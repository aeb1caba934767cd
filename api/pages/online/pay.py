"""Paying for a case: to the provider and back; and the sandbox's own page, where a demonstration pays."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep
from api.pages.online.cases import case_page
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.eservices.online.pay import begin_payment, look_up_payment
from booking.eservices.online.views import own_view
from booking.people.payments.provider import SANDBOX, Charge, Sandbox
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import EventKind, PaymentState

router = APIRouter()


@router.get("/online/cases/{reference}/pay")
def pay_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show what is to pay."""
    return _pay_page(request, core, account, reference)


@router.post("/online/cases/{reference}/pay")
def pay(request: Request, reference: ReferenceDep, _form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Prepare the payment at the provider, a new one where the last failed, and go there."""
    with show_again(lambda error: _pay_page(request, core, account, reference, error)):
        begin_payment(core, account_id=account.account_id, reference=reference)
    return RedirectResponse(f"/online/cases/{reference}/checkout", 303)


@router.get("/online/cases/{reference}/checkout")
def checkout(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Open the provider's page: by a page that opens it by itself, for a form may lead to no other site."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    if view.payment is None or view.payment.state is not PaymentState.CREATED:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    return form_page(request, "online/checkout.html", view=view, address=view.payment.address)


@router.get("/online/cases/{reference}/paid")
def paid(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show how the payment went, for who comes back from the provider."""
    with show_again(
        lambda error: case_page(
            request, core, own_view(core, account_id=account.account_id, reference=reference), error
        )
    ):
        look_up_payment(core, account_id=account.account_id, reference=reference)
    return RedirectResponse(f"/online/cases/{reference}", 303)


@router.get("/sandbox/payments/{charge}")
def sandbox_form(request: Request, charge: str, core: CoreDep) -> Response:
    """Show the sandbox's page: what would be paid, to whom, and that no money moves."""
    return form_page(request, "online/sandbox.html", charge=_charge(core, charge))


@router.post("/sandbox/payments/{charge}")
def sandbox(charge: str, form: PostedDep, core: CoreDep) -> Response:
    """Pay, or turn the payment down, and go back to where the order said."""
    _charge(core, charge)
    kind = EventKind.PAID if form.text("answer") == "pay" else EventKind.FAILED
    return RedirectResponse(Sandbox(core).answer(charge, kind).return_to, 303)


def _charge(core: Core, reference: str) -> Charge:
    if core.settings.payment_provider != SANDBOX:
        raise NotFoundError
    return Sandbox(core).charge(reference)


def _pay_page(
    request: Request, core: Core, account: AccountDep, reference: str, error: MawidError | None = None
) -> Response:
    view = own_view(core, account_id=account.account_id, reference=reference)
    if view.case.state is not OnlineState.AWAITING_PAYMENT:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    return form_page(
        request,
        "online/pay.html",
        {},
        error,
        view=view,
        begun=view.payment is not None and view.payment.state is PaymentState.CREATED,
        sandbox=core.settings.payment_provider == SANDBOX,
    )
