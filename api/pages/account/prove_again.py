"""“Prove again that it is you”: the second step once more, and back to the form with everything typed."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.own_paths import safe_path
from api.pages.shared.show_again import show_again
from booking.accounts import passkeys
from booking.accounts.prove_again import prove_again, prove_again_by_passkey
from booking.accounts.second_factor import has_codes
from booking.base.errors import MawidError
from booking.core.core import Core

router = APIRouter(prefix="/me/security")


@router.get("/again")
def prove_form(request: Request, account: AccountDep, core: CoreDep, next: str = "") -> Response:  # noqa: A002
    """Ask for a passkey, or for the code of the authenticator."""
    return _prove_page(request, core, account, safe_path(next))


@router.post("/again")
def prove_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Note the proof, and go back to the form."""
    target, credential = safe_path(form.text("next")), form.text("credential")
    who, token = account.account_id, account.visit.token
    with show_again(lambda error: _prove_page(request, core, account, target, form, error)):
        if credential:
            prove_again_by_passkey(core, account_id=who, token=token, credential=credential, origin=origin)
        else:
            prove_again(core, account_id=who, token=token, code=form.text("code"), origin=origin)
    return RedirectResponse(target or "/me/security", 303)


def _prove_page(
    request: Request,
    core: Core,
    account: SignedIn,
    target: str,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    with core.sessions() as session:
        codes = has_codes(session, account.account_id)
    options = passkeys.offer(core, account_id=account.account_id, token=account.visit.token)
    return form_page(request, "account/prove_again.html", form, error, codes=codes, passkey=options, next=target)
