"""The second step of an account that need not have one: set up and removed by its owner."""

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.account.device_words import device_words
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.fresh_proof import typed_proof, ways_of
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.accounts import own_second_step, passkeys
from booking.people.accounts.second_factor import has_second_factor, setup_address
from booking.platform.base.errors import MawidError
from booking.platform.models import Account
from booking.scheduling.appointments.passes import qr_svg

router = APIRouter(prefix="/me/security/second-step")


@router.get("")
def set_up_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show the secret of a new authenticator, and offer a passkey instead where there is none."""
    return _set_up_page(request, core, account, as_form({"passkey_name": device_words(request)}))


@router.post("")
def set_up_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Keep the authenticator or the passkey, and show the recovery codes this once."""
    account_id, token, credential = account.account_id, account.visit.token, form.text("credential")
    with show_again(lambda error: _set_up_page(request, core, account, form, error)):
        if credential:
            name = form.text("passkey_name")
            codes = own_second_step.add_passkey(
                core, account_id=account_id, token=token, credential=credential, name=name, origin=origin
            )
        else:
            code = form.text("code")
            codes = own_second_step.add_app(core, account_id=account_id, token=token, code=code, origin=origin)
    if not codes:  # a second factor was set up meanwhile, and its codes count on
        return RedirectResponse("/me/security", 303)
    return page(request, "account/recovery_codes.html", codes=codes, on="/me/security")


@router.get("/remove")
def remove_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for a proof before it is removed."""
    with core.sessions() as session:
        if not has_second_factor(session, account.account_id):
            return RedirectResponse("/me/security", 303)
    return _remove_page(request, core, account)


@router.post("/remove")
def remove_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Forget the authenticator, all passkeys and the recovery codes."""
    with show_again(lambda error: _remove_page(request, core, account, form, error)):
        proof = typed_proof(form, account)
        own_second_step.remove_second_step(core, account_id=account.account_id, proof=proof, origin=origin)
    return told(core.settings, "/me/security", "second-step-removed")


def _set_up_page(
    request: Request, core: Core, account: SignedIn, form: Form, error: MawidError | None = None
) -> Response:
    account_id, token = account.account_id, account.visit.token
    secret = own_second_step.offer_secret(core, account_id=account_id, token=token)
    with core.sessions() as session:
        username = session.get_one(Account, account_id).username
        first = not has_second_factor(session, account_id)
    return form_page(
        request,
        "account/second_step_own.html",
        form,
        error,
        qr=Markup(qr_svg(setup_address(secret, username))),  # noqa: S704 - our own drawing, nothing typed is in it
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        passkey=passkeys.offer_new(core, account_id=account_id, token=token) if first else None,
    )


def _remove_page(
    request: Request, core: Core, account: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(request, "account/second_step_remove.html", form, error, ways=ways_of(core, account))
