"""Citizens sign in at the state's provider, or prove there who somebody of their household is.

Links lead to the provider and back, and no form does: our pages let no form go to another site.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, OriginDep, VisitDep
from api.pages.account.device_words import device_words
from api.pages.account.landing import begun_page
from api.pages.shared.forms import begin_session, form_page
from api.pages.shared.own_paths import safe_path
from api.pages.shared.rendering import give_cookies
from api.pages.shared.show_again import show_again
from booking.accounts.elsewhere import ELSEWHERE
from booking.accounts.errors import ProviderRefusedError
from booking.base.errors import NotFoundError
from booking.identity.state_sign_in import Proof, begin_at_state, is_offered, return_from_state

router = APIRouter(prefix="/sign-in/state")


@router.get("")
def state_sign_in(request: Request, core: CoreDep, next: str = "", done: str = "") -> Response:  # noqa: A002 - see below
    """Offer the state's sign-in, to come in or to prove who somebody is; ``next`` is the name in the address."""
    if not is_offered(core):
        raise NotFoundError
    return form_page(request, "account/state_sign_in.html", next=safe_path(next), done=done)


@router.get("/begin")
def begin(
    request: Request,
    core: CoreDep,
    origin: OriginDep,
    visit: VisitDep,
    next: str = "",  # noqa: A002 - the name in the address
) -> Response:
    """Send the browser to the provider."""
    if not is_offered(core):
        raise NotFoundError
    target = safe_path(next)
    if visit is None:
        begin_session(request)
    token = visit.token if visit else request.state.session_token
    with show_again(lambda error: form_page(request, "account/state_sign_in.html", None, error, next=target, done="")):
        address = begin_at_state(core, token=token, origin=origin, then=target)
    response = RedirectResponse(address, 303)
    give_cookies(request, response, core.settings)
    return response


@router.get("/return")
def come_back(
    request: Request,
    core: CoreDep,
    origin: OriginDep,
    visit: VisitDep,
    state: str = "",
    code: str = "",
    iss: str = "",
) -> Response:
    """Begin the session of the visitor whom the provider sent back; or say what it proved."""
    target = visit.session.form.get(ELSEWHERE, {}).get("next", "") if visit else ""
    with show_again(lambda error: form_page(request, "account/state_sign_in.html", None, error, next=target, done="")):
        if visit is None or not code:  # the provider brings an error instead, or nobody began here
            raise ProviderRefusedError
        begun = return_from_state(
            core, token=visit.token, state=state, code=code, issuer=iss, origin=origin, device=device_words(request)
        )
    if isinstance(begun, Proof):
        return RedirectResponse(f"/sign-in/state?done={'nobody' if begun.member_id is None else 'proven'}", 303)
    return begun_page(request, begun, target)
