"""People without an appointment: tickets at the counter, and the display that calls them."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep
from api.i18n import N_, Words
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import page
from booking.base.errors import FieldError, MawidError
from booking.base.fields import latin_digits
from booking.core.core import Core
from booking.counter.walk_ins import add, call_next, calls, end, walk_in_day

router = APIRouter()

LONGEST_COUNTER: Final = 3
_DISPLAY: Final = {
    "called": N_("Now called"),
    "nobody": N_("Nobody is called at the moment."),
    "ticket": N_("Ticket"),
    "counter": N_("Counter"),
}


@router.get("/desk/walk-ins")
def tickets(request: Request, officer: CounterDep, core: CoreDep, counter: str = "") -> Response:
    """Show today's tickets, the form for the next one, and the button that calls."""
    return _tickets(request, officer, core, counter=counter)


@router.post("/desk/walk-ins")
def step(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Return a ticket, call the next one, or end one: the pressed button says which."""
    action, counter = form.text("action"), latin_digits(form.text("counter").strip())
    try:
        if action == "add":
            number, service = form.text("national_number"), form.text("service")
            given = add(core, officer_id=officer.account_id, national_number=number, service=service)
            return _tickets(request, officer, core, given=given, counter=counter)
        if action == "call":
            called = call_next(core, officer_id=officer.account_id, counter=_counter(counter))
            return _tickets(request, officer, core, called=called, nobody=called is None, counter=counter)
        for ticket in form.numbers("served") + form.numbers("gone"):
            served = bool(form.numbers("served"))
            end(core, officer_id=officer.account_id, ticket=ticket, served=served)
    except MawidError as error:
        return _tickets(request, officer, core, typed=form, error=error, counter=counter)
    return RedirectResponse(f"/desk/walk-ins?counter={_shown(counter)}", 303)


@router.get("/calls/{office_code}")
def display(request: Request, office_code: str, core: CoreDep) -> Response:
    """Show who is called, big, in each language that has words for it: a screen in the hall, which opens itself."""
    every: Mapping[str, Words] = request.app.state.words
    spoken = [words for words in every.values() if words.has(_DISPLAY["called"])]
    return page(request, "counter/calls.html", calls=calls(core, office_code), say=_DISPLAY, every=spoken)


def _tickets(
    request: Request,
    officer: CounterDep,
    core: Core,
    *,
    typed: Form | None = None,
    error: MawidError | None = None,
    counter: str = "",
    **context: Any,
) -> Response:
    day = walk_in_day(core, officer_id=officer.account_id)
    context = {"given": None, "called": None, "nobody": False} | context
    return form_page(request, "counter/walk_ins.html", typed, error, view=day, counter=_shown(counter), **context)


def _counter(text: str) -> int:
    if not _shown(text):
        raise FieldError("counter", "missing")
    return int(text)


def _shown(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= LONGEST_COUNTER else ""
