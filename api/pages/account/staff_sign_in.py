"""Staff sign in with their organisation's account: a page of its own, which citizens are never led to.

Links lead to the provider and back, and no form does: our pages let no form go to another site.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OriginDep, VisitDep
from api.pages.account.device_words import device_words
from api.pages.account.landing import begun_page
from api.pages.account.there_and_back import BackDep, send_there, session_that_left, wanted
from api.pages.shared.forms import form_page
from api.pages.shared.own_origin import safe_path
from api.pages.shared.show_again import show_again
from booking.people.accounts.errors import ProviderRefusedError
from booking.people.accounts.provider_sign_in import begin_elsewhere, is_offered, return_from_elsewhere
from booking.platform.base.errors import NotFoundError

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
    target = safe_path(next)
    with show_again(lambda error: form_page(request, "account/staff_sign_in.html", None, error, next=target)):
        return send_there(
            request, visit, lambda session: begin_elsewhere(core, session=session, origin=origin, then=target)
        )


@router.get("/return")
def come_back(request: Request, core: CoreDep, origin: OriginDep, visit: VisitDep, back: BackDep) -> Response:
    """Begin the session, or the second step, of the visitor whom the provider sent back."""
    target = wanted(visit)
    with show_again(lambda error: form_page(request, "account/staff_sign_in.html", None, error, next=target)):
        session, device = session_that_left(visit, back, ProviderRefusedError), device_words(request)
        begun = return_from_elsewhere(
            core, session=session, state=back.state, code=back.code, issuer=back.iss, origin=origin, device=device
        )
    return begun_page(request, begun, target)
