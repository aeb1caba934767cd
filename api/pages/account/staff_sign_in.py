"""Staff sign in with their organisation's account: a page of its own, which citizens are never led to.

Links lead to the provider and back, and no form does: our pages let no form go to another site.
"""

from typing import Any

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
from booking.accounts.provider_sign_in import begin_elsewhere, is_offered, return_from_elsewhere
from booking.base.errors import MawidError, NotFoundError

router = APIRouter(prefix="/sign-in/staff")


@router.get("")
def staff_sign_in(request: Request, core: CoreDep, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Offer the organisation's account."""
    if not is_offered(core):
        raise NotFoundError
    return form_page(request, "account/staff_sign_in.html", next=safe_path(next))


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
    try:
        address = begin_elsewhere(core, token=token, origin=origin, then=target)
    except MawidError as error:
        return form_page(request, "account/staff_sign_in.html", None, error, next=target)
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
    """Begin the session, or the second step, of the visitor whom the provider sent back."""
    kept: dict[str, Any] = visit.session.form.get(ELSEWHERE, {}) if visit else {}
    target = kept.get("next", "")
    with show_again(lambda error: form_page(request, "account/staff_sign_in.html", None, error, next=target)):
        if visit is None or not code:  # the provider brings an error instead, or nobody began here
            raise ProviderRefusedError
        begun = return_from_elsewhere(
            core, token=visit.token, state=state, code=code, issuer=iss, origin=origin, device=device_words(request)
        )
    return begun_page(request, begun, target)
