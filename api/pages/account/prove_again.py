"""“Prove again that it is you”: the second step or the password once more, and back to the form with what was typed."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import typed_proof, ways_of
from api.pages.shared.own_origin import safe_path
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.accounts.second_step import prove_again
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/me/security")


@router.get("/again")
def prove_form(request: Request, account: AccountDep, core: CoreDep, next: str = "") -> Response:  # noqa: A002
    """Ask for a passkey, a code, or the password of an account without a second factor."""
    return _prove_page(request, core, account, safe_path(next))


@router.post("/again")
def prove_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Note the proof, and go back to the form."""
    target = safe_path(form.text("next"))
    with show_again(lambda error: _prove_page(request, core, account, target, form, error)):
        prove_again(core, account_id=account.account_id, proof=typed_proof(form, account), origin=origin)
    return RedirectResponse(target or "/me/security", 303)


def _prove_page(
    request: Request,
    core: Core,
    account: SignedIn,
    target: str,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    return form_page(request, "account/prove_again.html", form, error, ways=ways_of(core, account), next=target)
