"""The page that a person sees when something is refused or breaks."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import core_of, request_id, visit_of, words_of
from api.errors import NotSignedInError
from api.pages.shared.forms import PROVE_AGAIN
from api.pages.shared.rendering import address_of, page
from api.problems.documents import detail_of, extra_headers, kind_of
from booking.country.core import sessions
from booking.people.accounts.begin_session import SECRET
from booking.people.accounts.errors import SecondStepOverError, SignInAgainError
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import MawidError
from booking.platform.models.states import Role


def error_page(request: Request, error: MawidError) -> Response:
    """Say in words what happened and where to go on.

    A visitor who is not signed in goes to the sign-in page and comes back; one who is half way, to the second step;
    one whose people must be proven first, to where that is done, and comes back.
    """
    if isinstance(error, NotSignedInError):
        return RedirectResponse(_second_step(request) or f"/sign-in?next={quote(address_of(request))}", 303)
    if isinstance(error, SignInAgainError):
        return RedirectResponse(f"{PROVE_AGAIN}?next={request.url.path}", 303)
    if isinstance(error, IdentityLevelError) and _is_citizen(request):
        return RedirectResponse(proof_of(error, request), 303)
    if isinstance(error, SecondStepOverError):
        return RedirectResponse("/sign-in", 303)
    kind, words = kind_of(error), words_of(request)
    response = page(
        request,
        "shared/error.html",
        status=kind.status,
        title=words.gettext(kind.title),
        detail=detail_of(error, words),
        request_id=request_id(request) if kind.status >= 500 else "",  # noqa: PLR2004
    )
    response.headers.update(extra_headers(error))
    return response


def proof_of(error: IdentityLevelError, request: Request) -> str:
    """Return the page on which the first of the people is proven, and which leads back to this one."""
    return f"/household/{error.members[0]}/prove?{'again=1&' if error.again else ''}next={request.url.path}"


def _is_citizen(request: Request) -> bool:
    visit = visit_of(request)
    return visit is not None and visit.session.roles == {Role.CITIZEN}


def _second_step(request: Request) -> str:
    """Return the page of the second step that this visitor has yet to take, "" for others; it will lead to this one."""
    visit = visit_of(request)
    if visit is None or visit.session.proving is None:
        return ""
    form = visit.session.form
    sessions.update_form(core_of(request), visit.token, {**form, "next": request.url.path})
    return "/sign-in/set-up" if SECRET in form else "/sign-in/second-step"
