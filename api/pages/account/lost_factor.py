"""A citizen at the second step who has nothing for it: a code to the phone, or a counter, and some days."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, OriginDep, Visit
from api.pages.account.landing import begun_page
from api.pages.account.second_step import waiting_visit
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.country.catalogue.views import list_offices
from booking.country.core.core import Core
from booking.country.packs.fields import WEEKDAYS
from booking.people.accounts import lost_factor
from booking.people.accounts.change_phone import days_of
from booking.people.identity.attest import ShownCode
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/sign-in/second-step/lost")

WaitingDep = Annotated[Visit, Depends(waiting_visit)]


@router.get("")
def lost_form(request: Request, _waiting: WaitingDep, core: CoreDep) -> Response:
    """Say what happens, and ask for the code once it was sent."""
    return _page(request, core, sent=request.query_params.get("sent") == "1")


@router.post("")
def lost_post(request: Request, form: PostedDep, waiting: WaitingDep, core: CoreDep, origin: OriginDep) -> Response:
    """Send a code to the phone; or take it, and wait or sign in."""
    sent = form.text("sent") == "1"
    with show_again(lambda error: _page(request, core, form, error, sent=sent)):
        if not sent:
            lost_factor.send_code(core, token=waiting.token, origin=origin)
            return RedirectResponse("/sign-in/second-step/lost?sent=1", 303)
        login = lost_factor.give_code(core, token=waiting.token, code=form.text("code"), origin=origin)
    return begun_page(request, login, waiting.session.form.get("next", ""))


@router.get("/counter")
def counter_form(request: Request, _waiting: WaitingDep, core: CoreDep) -> Response:
    """Say what happens at a counter, and where counters are."""
    return _counter_page(request, core)


@router.post("/counter")
def counter_post(request: Request, form: PostedDep, waiting: WaitingDep, core: CoreDep, origin: OriginDep) -> Response:
    """Show the code that the officer types, this once."""
    with show_again(lambda error: _counter_page(request, core, form, error)):
        code, ends_at = lost_factor.show_code(core, token=waiting.token, origin=origin)
    return _counter_page(request, core, form, code=ShownCode(code, ends_at))


def _page(
    request: Request, core: Core, form: Form | None = None, error: MawidError | None = None, *, sent: bool
) -> Response:
    days = days_of(core.settings.lost_factor_wait)
    return form_page(request, "account/second_step_lost.html", form, error, sent=sent, days=days)


def _counter_page(
    request: Request,
    core: Core,
    form: Form | None = None,
    error: MawidError | None = None,
    *,
    code: ShownCode | None = None,
) -> Response:
    return form_page(
        request,
        "account/second_step_counter.html",
        form,
        error,
        code=code,
        days=days_of(core.settings.lost_factor_counter_wait),
        offices=list_offices(core),
        weekdays=WEEKDAYS,
        zone=core.pack.country.time_zone,
    )
