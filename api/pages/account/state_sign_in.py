"""Citizens sign in at the state's provider, or prove there who somebody of their household is.

Links lead to the provider and back, and no form does: our pages let no form go to another site.
"""

from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, OriginDep, VisitDep
from api.pages.account.device_words import device_words
from api.pages.account.landing import begun_page
from api.pages.account.there_and_back import BackDep, send_there, session_that_left, wanted
from api.pages.shared.forms import PROVE_AGAIN, form_page
from api.pages.shared.own_origin import safe_path
from api.pages.shared.show_again import show_again
from booking.people.accounts.errors import SignInAgainError
from booking.people.identity.levels import StateDiffersError, StateRefusedError
from booking.people.identity.state_sign_in import Proof, begin_at_state, is_offered, return_from_state
from booking.platform.base.errors import MawidError, NotFoundError

router = APIRouter(prefix="/sign-in/state")


@router.get("")
def state_sign_in(request: Request, core: CoreDep, next: str = "", done: str = "") -> Response:  # noqa: A002 - see below
    """Offer the state's sign-in, to come in or to prove who somebody is; ``next`` is the name in the address."""
    if not is_offered(core):
        raise NotFoundError
    return _page(request, safe_path(next), done=done)


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
    again = f"{PROVE_AGAIN}?{urlencode({'next': f'/sign-in/state?next={quote(target)}'})}"
    with show_again(lambda error: _page(request, target, error=error), unless={SignInAgainError: again}):
        return send_there(
            request, visit, lambda session: begin_at_state(core, session=session, origin=origin, then=target)
        )


@router.get("/return")
def come_back(request: Request, core: CoreDep, origin: OriginDep, visit: VisitDep, back: BackDep) -> Response:
    """Begin the session of the visitor whom the provider sent back; or say what it proved."""
    target = wanted(visit)
    with show_again(lambda error: _page(request, target, error=error)):
        session, device = session_that_left(visit, back, StateRefusedError), device_words(request)
        begun = return_from_state(
            core, session=session, state=back.state, code=back.code, issuer=back.iss, origin=origin, device=device
        )
    if isinstance(begun, Proof):
        after = f"next={quote(target, safe='/')}"
        there = f"/household/{begun.member_id}/prove?" if begun.member_id is not None else "/sign-in/state?done=nobody&"
        return RedirectResponse(there + after, 303)
    return begun_page(request, begun, target)


def _page(request: Request, target: str, *, done: str = "", error: MawidError | None = None) -> Response:
    corrected = {}
    if isinstance(error, StateDiffersError):
        corrected = {"name": f"/household/{error.member_id}/edit", "birth_date": "/household"}
    return form_page(request, "account/state_sign_in.html", None, error, next=target, done=done, corrected=corrected)
