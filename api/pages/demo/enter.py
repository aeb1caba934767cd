"""The demonstration's door: its ready accounts, one button to enter as each, and a tour; nowhere else is it served."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, OriginDep, VisitDep
from api.pages.account.device_words import device_words
from api.pages.account.landing import begun_page
from api.pages.demo.account_words import words_for
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from api.pages.shared.tour import STOPS, stand_at
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.entrypoints.demo.stage import read_ready
from booking.people.accounts.sign_in import begin_sign_in, sign_out
from booking.platform.base.errors import MawidError, NotFoundError

router = APIRouter(prefix="/demo")


@router.get("")
def accounts(request: Request, core: CoreDep) -> Response:
    """List the ready accounts with what each finds."""
    return _accounts(request, core)


@router.post("")
def enter(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Enter as a ready account, by its password and a session of its own."""
    with show_again(lambda error: _accounts(request, core, form, error)):
        response = _enter(request, core, origin, form.text("username"))
    if visit is not None:
        sign_out(core, token=visit.token)
    return response


@router.get("/tour")
def tour(request: Request, core: CoreDep) -> Response:
    """Say where the tour leads, stop by stop."""
    read_ready(core)
    return form_page(request, "demo/tour.html", stops=STOPS)


@router.post("/tour")
def go_on(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Lead to a stop, in the account that it is seen with; past the last one the tour ends."""
    read_ready(core)
    number = form.number("stop")
    if not 0 < number <= len(STOPS):
        response: Response = RedirectResponse("/demo", 303)
        stand_at(response, core.settings, 0)
        return response
    stop = STOPS[number - 1]
    response = RedirectResponse(stop.path, 303)
    if stop.username:
        with show_again(lambda error: _accounts(request, core, form, error)):
            response = _enter(request, core, origin, stop.username, stop.path)
        if visit is not None:
            sign_out(core, token=visit.token)
    stand_at(response, core.settings, number)
    return response


def _enter(request: Request, core: Core, origin: Origin, username: str, path: str = "") -> Response:
    """Begin a session of a ready account, as its password would at the sign-in.

    Raises
    ------
    NotFoundError
        This is no demonstration, or has no such account.
    booking.platform.base.errors.MawidError
        See `booking.people.accounts.sign_in.begin_sign_in`: who tries the demonstration may have changed the password.
    """
    one = next((each for each in read_ready(core).accounts if each.username == username), None)
    if one is None:
        raise NotFoundError
    begun = begin_sign_in(
        core, username=one.username, password=one.password, origin=origin, device=device_words(request)
    )
    return begun_page(request, begun, path or one.page)


def _accounts(request: Request, core: Core, form: Form | None = None, error: MawidError | None = None) -> Response:
    kept = read_ready(core)
    ready = [(one, words_for(one.username)) for one in kept.accounts]
    hours, zone = kept.open_today, core.pack.country.time_zone
    return form_page(request, "demo/enter.html", form, error, ready=ready, hours=hours, zone=zone)
