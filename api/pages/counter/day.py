"""The counter of the officer's own office: day sheet, check-in, served, nobody came, corrections."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, CounterDep, words_of
from api.pages.counter.headers import CAMERA
from api.pages.counter.offline import kept_page
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from booking.country.core.core import Core
from booking.desk.counter.arrive import Arrival, check_in, is_pass, scan, undo_check_in
from booking.desk.counter.views import SheetLine, day_sheet, find, find_line
from booking.desk.counter.walk_ins import correct, leave_unserved
from booking.platform.base.errors import MawidError
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments.attend import miss, serve

router = APIRouter(prefix="/desk/today")


class Show(StrEnum):
    """Which lines of the day sheet are shown."""

    ALL = "all"
    EXPECTED = "expected"
    HERE = "here"
    SERVED = "served"
    MISSED = "missed"


_STATES: Final[Mapping[Show, frozenset[AppointmentState]]] = {
    Show.ALL: frozenset(AppointmentState),
    Show.EXPECTED: frozenset({AppointmentState.CONFIRMED}),
    Show.HERE: frozenset({AppointmentState.CHECKED_IN}),
    Show.SERVED: frozenset({AppointmentState.SERVED}),
    Show.MISSED: frozenset({AppointmentState.NO_SHOW}),
}
_STEPS: Final[Mapping[str, Callable[..., object]]] = {
    "served": serve,
    "unserved": leave_unserved,
    "missed": miss,
    "undo": undo_check_in,
}
_CORRECTIONS: Final[Mapping[str, bool]] = {"came": True, "did_not_come": False}


@router.get("")
def today(request: Request, officer: CounterDep, core: CoreDep, show: str = "") -> Response:
    """Show today's sheet, whole or one state of it."""
    shown = Show(show) if show in set(Show) else Show.ALL
    return _sheet(request, officer, core, shown=shown)


@router.post("")
def scanned_or_typed(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Check in a scanned pass; look for anything else that was typed."""
    text = form.text("text").strip()
    try:
        if is_pass(text):
            return _sheet(request, officer, core, arrival=scan(core, officer_id=officer.account_id, text=text))
        found = find(core, officer_id=officer.account_id, text=text)
    except MawidError as error:
        return _sheet(request, officer, core, typed=form, error=error)
    return _sheet(request, officer, core, typed=form, found=found)


@router.get("/{reference}")
def visit(request: Request, reference: ReferenceDep, officer: CounterDep, core: CoreDep) -> Response:
    """Show one appointment of this office and what can be done with it."""
    return _visit(request, core, find_line(core, officer_id=officer.account_id, reference=reference))


@router.post("/{reference}")
def step(request: Request, reference: ReferenceDep, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Make the step that the pressed button names."""
    action, who = form.text("action"), officer.account_id
    try:
        if action in {"check_in", "accept_late"}:
            arrival = check_in(core, officer_id=who, reference=reference, accept_late=action == "accept_late")
            return _sheet(request, officer, core, arrival=arrival)
        if action in _CORRECTIONS:
            came, reason = _CORRECTIONS[action], form.text("note")
            correct(core, officer_id=who, reference=reference, came=came, reason=reason)
        elif action in _STEPS:
            _STEPS[action](core, officer_id=who, reference=reference)
        else:
            return visit(request, reference, officer, core)
    except MawidError as error:
        return _visit(request, core, find_line(core, officer_id=who, reference=reference), typed=form, error=error)
    return told(core.settings, "/desk/today", f"visit-{action.replace('_', '-')}")


def _sheet(
    request: Request,
    officer: CounterDep,
    core: Core,
    *,
    typed: Form | None = None,
    error: MawidError | None = None,
    shown: Show = Show.ALL,
    arrival: Arrival | None = None,
    **context: Any,
) -> Response:
    sheet = day_sheet(core, officer_id=officer.account_id)
    response = form_page(
        request,
        "counter/day.html",
        typed,
        error,
        sheet=sheet,
        lines=[line for line in sheet.lines if line.appointment.state in _STATES[shown]],
        counts={one.value: sum(map(sheet.count, states)) for one, states in _STATES.items()},
        shown=shown.value,
        now=core.clock.now(),
        arrival=arrival,
        offline=kept_page(words_of(request)),
        **{"found": None} | context,
    )
    response.headers.update(CAMERA)
    return response


def _visit(
    request: Request, core: Core, line: SheetLine, *, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(request, "counter/visit.html", typed, error, line=line, now=core.clock.now())
