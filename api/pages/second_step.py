"""The second step of signing in: a code of the authenticator, which is set up the first time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OriginDep, Visit, VisitDep
from api.pages.account import landing, move_along
from api.pages.forms import PostedDep, form_page
from api.pages.rendering import page
from booking import sessions
from booking.core import Core
from booking.errors import MawidError
from booking.models import Account
from booking.passes import qr_svg
from booking.services.second_factor import setup_address
from booking.services.sign_in import SECRET, set_up_second_factor, take_second_step
from booking.sign_in_errors import SecondStepOverError

router = APIRouter(prefix="/sign-in")


def waiting_visit(visit: VisitDep) -> Visit:
    """Give the session whose password was right and whose second step is to come; raises SecondStepOverError."""
    if visit is None or visit.session.proving is None:
        raise SecondStepOverError
    return visit


WaitingDep = Annotated[Visit, Depends(waiting_visit)]


@router.get("/second-step")
def second_step_form(request: Request, _waiting: WaitingDep) -> Response:
    """Ask for the code of the authenticator."""
    return form_page(request, "second_step.html")


@router.post("/second-step")
def second_step_post(
    request: Request, form: PostedDep, waiting: WaitingDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Begin the session and go where the person wanted to go."""
    try:
        login = take_second_step(core, token=waiting.token, code=form.text("code"), origin=origin)
    except MawidError as error:
        return form_page(request, "second_step.html", form, error)
    return move_along(request, login.token, landing(login, waiting.session.form.get("next", "")), login.language)


@router.get("/set-up")
def set_up_form(request: Request, waiting: WaitingDep, core: CoreDep) -> Response:
    """Show the secret of a new authenticator, to be read by its app, and ask for its first code."""
    return form_page(request, "second_factor_set_up.html", **_secret(core, waiting))


@router.post("/set-up")
def set_up_post(request: Request, form: PostedDep, waiting: WaitingDep, core: CoreDep, origin: OriginDep) -> Response:
    """Keep the authenticator, begin the session, and show the recovery codes this once."""
    try:
        login, codes = set_up_second_factor(core, token=waiting.token, code=form.text("code"), origin=origin)
    except MawidError as error:
        return form_page(request, "second_factor_set_up.html", form, error, **_secret(core, waiting))
    request.state.session, request.state.session_token = sessions.read(core, login.token), login.token
    return page(request, "recovery_codes.html", codes=codes, on=landing(login, waiting.session.form.get("next", "")))


def _secret(core: Core, waiting: Visit) -> dict[str, Any]:
    secret = waiting.session.form.get(SECRET)
    if secret is None:  # it is set up already
        raise SecondStepOverError
    with core.sessions() as session:
        username = session.get_one(Account, waiting.session.proving).username
    qr = Markup(qr_svg(setup_address(secret, username)))  # noqa: S704 - our own drawing, nothing typed is in it
    return {"qr": qr, "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))}
