"""People without an appointment: tickets at the counter."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep
from api.pages.shared.answers import only_digits
from api.pages.shared.forms import Form, PostedDep, form_page
from booking.country.core.core import Core
from booking.desk.counter.walk_ins import add, end, walk_in_day
from booking.platform.base.errors import MawidError
from booking.platform.base.fields import latin_digits

router = APIRouter()


@router.get("/desk/walk-ins")
def tickets(request: Request, officer: CounterDep, core: CoreDep, counter: str = "") -> Response:
    """Show today's tickets and the form for the next one."""
    return _tickets(request, officer, core, counter=counter)


@router.post("/desk/walk-ins")
def step(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Give a ticket, or end one whose person left: the pressed button says which."""
    action, counter = form.text("action"), latin_digits(form.text("counter").strip())
    try:
        if action == "add":
            number, service = form.text("national_number"), form.text("service")
            given = add(core, officer_id=officer.account_id, national_number=number, service=service)
            return _tickets(request, officer, core, given=given, counter=counter)
        for ticket in form.numbers("gone"):
            end(core, officer_id=officer.account_id, ticket=ticket, served=False)
    except MawidError as error:
        return _tickets(request, officer, core, typed=form, error=error, counter=counter)
    return RedirectResponse(f"/desk/walk-ins?counter={only_digits(counter)}", 303)


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
    context = {"given": None} | context
    return form_page(request, "counter/walk_ins.html", typed, error, view=day, counter=only_digits(counter), **context)
