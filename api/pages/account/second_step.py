"""The second step of signing in: a code or a passkey, one of which is set up the first time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, OriginDep, Visit, VisitDep
from api.pages.account.device_words import device_words
from api.pages.account.landing import begun_page, know_again, landing
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.rendering import page
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.people.accounts import passkeys
from booking.people.accounts.begin_session import SECRET
from booking.people.accounts.errors import SecondStepOverError
from booking.people.accounts.second_factor import setup_address
from booking.people.accounts.second_step import (
    set_up_passkey,
    set_up_second_factor,
    take_second_step,
    take_second_step_by_passkey,
    ways,
)
from booking.platform.base.errors import MawidError
from booking.platform.models import Account
from booking.scheduling.appointments.passes import qr_svg

router = APIRouter(prefix="/sign-in")


async def waiting_visit(visit: VisitDep) -> Visit:
    """Return the session whose password was right and whose second step is to come; raises SecondStepOverError."""
    if visit is None or visit.session.proving is None:
        raise SecondStepOverError
    return visit


WaitingDep = Annotated[Visit, Depends(waiting_visit)]


@router.get("/second-step")
def second_step_form(request: Request, waiting: WaitingDep, core: CoreDep) -> Response:
    """Ask for a passkey, or for the code of the authenticator."""
    return _second_step_page(request, core, waiting)


@router.post("/second-step")
def second_step_post(
    request: Request, form: PostedDep, waiting: WaitingDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Begin the session and go where the person wanted to go."""
    credential = form.text("credential")
    try:
        if credential:
            login = take_second_step_by_passkey(core, token=waiting.token, credential=credential, origin=origin)
        else:
            login = take_second_step(core, token=waiting.token, code=form.text("code"), origin=origin)
    except MawidError as error:
        return _second_step_page(request, core, waiting, form, error)
    request.state.session = waiting.session  # it is over, but what was typed before signing in is in it
    return begun_page(request, login, waiting.session.form.get("next", ""))


@router.get("/set-up")
def set_up_form(request: Request, waiting: WaitingDep, core: CoreDep) -> Response:
    """Show the secret of a new authenticator, to be read by its app, and offer a passkey instead."""
    return _set_up_page(request, core, waiting, as_form({"passkey_name": device_words(request)}))


@router.post("/set-up")
def set_up_post(request: Request, form: PostedDep, waiting: WaitingDep, core: CoreDep, origin: OriginDep) -> Response:
    """Keep the authenticator or the passkey, begin the session, and show the recovery codes this once."""
    credential, token = form.text("credential"), waiting.token
    try:
        if credential:
            name = form.text("passkey_name")
            login, codes = set_up_passkey(core, token=token, credential=credential, name=name, origin=origin)
        else:
            login, codes = set_up_second_factor(core, token=token, code=form.text("code"), origin=origin)
    except MawidError as error:
        return _set_up_page(request, core, waiting, form, error)
    request.state.session, request.state.session_token = sessions.read(core, login.token), login.token
    on = landing(login, waiting.session.form.get("next", ""))
    return know_again(request, page(request, "account/recovery_codes.html", codes=codes, on=on), login)


def _second_step_page(
    request: Request, core: Core, waiting: Visit, form: Form | None = None, error: MawidError | None = None
) -> Response:
    account_id = _proving(waiting)
    with core.sessions() as session:
        staff = is_staff(session.get_one(Account, account_id).roles)
    known = ways(core, account_id=account_id, token=waiting.token)
    return form_page(request, "account/second_step.html", form, error, ways=known, staff=staff)


def _set_up_page(request: Request, core: Core, waiting: Visit, form: Form, error: MawidError | None = None) -> Response:
    secret, account_id = waiting.session.form.get(SECRET), _proving(waiting)
    if secret is None:  # it is set up already
        raise SecondStepOverError
    with core.sessions() as session:
        username = session.get_one(Account, account_id).username
    return form_page(
        request,
        "account/second_step_set_up.html",
        form,
        error,
        qr=Markup(qr_svg(setup_address(secret, username))),  # noqa: S704 - our own drawing, nothing typed is in it
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        passkey=passkeys.offer_new(core, account_id=account_id, token=waiting.token),
    )


def _proving(waiting: Visit) -> UUID:
    if waiting.session.proving is None:
        raise SecondStepOverError
    return waiting.session.proving
