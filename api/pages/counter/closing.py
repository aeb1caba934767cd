"""A supervisor closes the office for a day, or some of its counters: look first, then move everyone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import ClosingDep, CoreDep
from api.pages.shared.answers import read_day, read_whole
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import id_in_path
from booking.country.core.core import Core
from booking.desk.counter.closing import apply, ask_to_close, drop
from booking.desk.counter.closing_views import closure_view, list_closures, own_counters
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError
from booking.platform.models.states import ClosureState

router = APIRouter(prefix="/desk/closing")


ClosureDep = Annotated[UUID, id_in_path("closure_id")]


@router.get("")
def closings(request: Request, officer: ClosingDep, core: CoreDep) -> Response:
    """Show the form and the office's closings."""
    return _form(request, officer.account_id, core)


@router.post("")
def ask(request: Request, form: PostedDep, officer: ClosingDep, core: CoreDep) -> Response:
    """Ask for the plan of a day."""
    try:
        closure_id = _ask(core, officer.account_id, form)
    except MawidError as error:
        return _form(request, officer.account_id, core, form, error)
    return RedirectResponse(f"/desk/closing/{closure_id}", 303)


@router.get("/{closure_id}")
def plan(request: Request, closure_id: ClosureDep, officer: ClosingDep, core: CoreDep) -> Response:
    """Show who is affected and where they would go, once the plan is there."""
    return _plan(request, officer.account_id, core, closure_id)


@router.post("/{closure_id}")
def carry_out(
    request: Request, closure_id: ClosureDep, form: PostedDep, officer: ClosingDep, core: CoreDep
) -> Response:
    """Carry the plan out as it was shown, once its number of people is confirmed, or give it up."""
    action = form.text("action")
    try:
        if action == "apply":
            _check_confirmed(core, officer.account_id, closure_id, form)
            apply(core, officer_id=officer.account_id, closure_id=closure_id)
        elif action == "drop":
            drop(core, officer_id=officer.account_id, closure_id=closure_id)
        else:
            return _plan(request, officer.account_id, core, closure_id)
    except MawidError as error:
        return _plan(request, officer.account_id, core, closure_id, form, error)
    return told(core.settings, f"/desk/closing/{closure_id}", f"closing-{action}")


def _check_confirmed(core: Core, officer_id: UUID, closure_id: UUID, form: Form) -> None:
    """Check that the number of people who have to go was confirmed; raises FieldError where it is another one."""
    view = closure_view(core, officer_id=officer_id, closure_id=closure_id)
    if view.closure.state is ClosureState.PLANNED and form.text("people") != str(view.people):
        raise FieldError("people", "unconfirmed")


def _ask(core: Core, officer_id: UUID, form: Form) -> UUID:
    errors = []
    day, counters = None, 0
    try:
        day = read_day("day", form.text("day"))
    except FieldError as error:
        errors.append(error)
    else:
        if day is None:
            errors.append(FieldError("day", "missing"))
    try:
        counters = read_whole("counters", form.text("counters")) if form.text("how") == "fewer" else 0
    except FieldError as error:
        errors.append(error)
    if errors or day is None:
        raise InvalidInputError(errors)
    return ask_to_close(core, officer_id=officer_id, day=day, counters=counters, reason=form.text("note"))


def _form(
    request: Request, officer_id: UUID, core: Core, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(
        request,
        "counter/closing.html",
        typed,
        error,
        office=own_counters(core, officer_id=officer_id),
        closures=list_closures(core, officer_id=officer_id),
    )


def _plan(
    request: Request,
    officer_id: UUID,
    core: Core,
    closure_id: UUID,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    view = closure_view(core, officer_id=officer_id, closure_id=closure_id)
    waited = max(0.0, (core.clock.now() - view.closure.asked_at).total_seconds())
    return form_page(request, "counter/closing_plan.html", typed, error, view=view, waited=waited)
