"""Rosters of a supervisor's office: the weeks, one roster, colleagues and their leave, and the repair of today."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep, RosterDep
from api.pages.shared.answers import read_day, read_whole
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import id_in_path, id_of
from api.pages.shared.rendering import page
from booking.country.core.core import Core
from booking.country.packs.roster import SUPERVISE, ShiftSpec
from booking.desk.rosters import absent
from booking.desk.rosters.colleagues import add_leave, end_leave, set_terms
from booking.desk.rosters.make import ask, drop, publish
from booking.desk.rosters.views import colleagues, office_rosters, own_shifts, repair_view, roster_view, today_view
from booking.platform.base.errors import FieldError, MawidError

router = APIRouter()

RosterIdDep = Annotated[UUID, id_in_path("roster_id")]
RepairIdDep = Annotated[UUID, id_in_path("repair_id")]


@router.get("/desk/shifts")
def own(request: Request, officer: CounterDep, core: CoreDep) -> Response:
    """Show an officer their own shifts of the coming weeks."""
    shifts = own_shifts(core, officer_id=officer.account_id)
    return page(request, "counter/shifts.html", shifts=shifts)


@router.get("/desk/roster")
def rosters(request: Request, officer: RosterDep, core: CoreDep) -> Response:
    """Show the office's rosters and ask for one."""
    return _rosters(request, officer, core)


@router.post("/desk/roster")
def ask_for(request: Request, form: PostedDep, officer: RosterDep, core: CoreDep) -> Response:
    """Ask for the roster of some weeks."""
    try:
        first_day = read_day("first_day", form.text("first_day"))
        if first_day is None:
            raise FieldError("first_day", "missing")
        roster_id = ask(
            core, officer_id=officer.account_id, first_day=first_day, weeks=read_whole("weeks", form.text("weeks"))
        )
    except MawidError as error:
        return _rosters(request, officer, core, form, error)
    return RedirectResponse(f"/desk/roster/{roster_id}", 303)


@router.get("/desk/roster/colleagues")
def staff(request: Request, officer: RosterDep, core: CoreDep) -> Response:
    """Show contracts, skills and leave of colleagues."""
    return _staff(request, officer, core)


@router.post("/desk/roster/colleagues")
def change_staff(request: Request, form: PostedDep, officer: RosterDep, core: CoreDep) -> Response:
    """Keep a contract, or a leave, or take a leave back."""
    who = officer.account_id
    try:
        match form.text("action"):
            case "terms":
                hours, skills = read_whole("hours", form.text("hours")), form.every("skills")
                set_terms(core, officer_id=who, account_id=id_of(form.text("who")), week_hours=hours, skills=skills)
            case "leave":
                _add_leave(core, officer, form)
            case _:
                end_leave(core, officer_id=who, leave_id=id_of(form.text("end")))
    except MawidError as error:
        return _staff(request, officer, core, form, error)
    return told(core.settings, "/desk/roster/colleagues", "colleague-kept")


@router.get("/desk/roster/today")
def today(request: Request, officer: RosterDep, core: CoreDep) -> Response:
    """Show who has a shift today, and ask who is absent."""
    return _today(request, officer, core)


@router.post("/desk/roster/today")
def tell_absent(request: Request, form: PostedDep, officer: RosterDep, core: CoreDep) -> Response:
    """Ask for the day with the least change, without those who are absent."""
    try:
        away = {id_of(one) for one in form.every("absent")}
        repair_id = absent.tell_absent(core, officer_id=officer.account_id, absent=away)
    except MawidError as error:
        return _today(request, officer, core, form, error)
    return RedirectResponse(f"/desk/roster/repairs/{repair_id}", 303)


@router.get("/desk/roster/repairs/{repair_id}")
def repair(request: Request, repair_id: RepairIdDep, officer: RosterDep, core: CoreDep) -> Response:
    """Show what would change today."""
    return _repair(request, repair_id, officer, core)


@router.post("/desk/roster/repairs/{repair_id}")
def apply_repair(
    request: Request, repair_id: RepairIdDep, form: PostedDep, officer: RosterDep, core: CoreDep
) -> Response:
    """Change the day's shifts as they were shown."""
    try:
        absent.apply(core, officer_id=officer.account_id, repair_id=repair_id)
    except MawidError as error:
        return _repair(request, repair_id, officer, core, form, error)
    return told(core.settings, f"/desk/roster/repairs/{repair_id}", "roster-repaired")


@router.get("/desk/roster/{roster_id}")
def roster(request: Request, roster_id: RosterIdDep, officer: RosterDep, core: CoreDep) -> Response:
    """Show a roster, or how far its solver is."""
    return _roster(request, roster_id, officer, core)


@router.post("/desk/roster/{roster_id}")
def decide(request: Request, roster_id: RosterIdDep, form: PostedDep, officer: RosterDep, core: CoreDep) -> Response:
    """Publish a roster, make it again, or give it up."""
    if form.text("action") == "again":
        return _again(request, roster_id, officer, core, form)
    act = drop if form.text("action") == "drop" else publish
    try:
        act(core, officer_id=officer.account_id, roster_id=roster_id)
    except MawidError as error:
        return _roster(request, roster_id, officer, core, form, error)
    if act is drop:
        return told(core.settings, "/desk/roster", "roster-dropped")
    return told(core.settings, f"/desk/roster/{roster_id}", "roster-published")


def _again(request: Request, roster_id: UUID, officer: RosterDep, core: Core, form: Form) -> Response:
    """Ask for the same weeks once more, now that others are on leave or gone."""
    roster = roster_view(core, officer_id=officer.account_id, roster_id=roster_id).roster
    try:
        again = ask(core, officer_id=officer.account_id, first_day=roster.first_day, weeks=roster.weeks)
    except MawidError as error:
        return _roster(request, roster_id, officer, core, form, error)
    return RedirectResponse(f"/desk/roster/{again}", 303)


def _add_leave(core: Core, officer: RosterDep, form: Form) -> None:
    first = read_day("leave_from", form.text("leave_from"))
    last = read_day("leave_until", form.text("leave_until"))
    if first is None or last is None:
        raise FieldError("leave_from" if first is None else "leave_until", "missing")
    account_id = id_of(form.text("who"))
    add_leave(core, officer_id=officer.account_id, account_id=account_id, first_day=first, last_day=last)


def _rosters(
    request: Request, officer: RosterDep, core: Core, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    view = office_rosters(core, officer_id=officer.account_id)
    return form_page(request, "counter/rosters.html", typed, error, view=view)


def _staff(
    request: Request, officer: RosterDep, core: Core, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    people = colleagues(core, officer_id=officer.account_id)
    known = [one for one in core.pack.country.roster.skills if one.code != SUPERVISE]
    return form_page(request, "counter/roster_colleagues.html", typed, error, people=people, skills=known)


def _today(
    request: Request, officer: RosterDep, core: Core, typed: Form | None = None, error: MawidError | None = None
) -> Response:
    view = today_view(core, officer_id=officer.account_id)
    return form_page(request, "counter/roster_today.html", typed, error, view=view)


def _repair(
    request: Request,
    repair_id: UUID,
    officer: RosterDep,
    core: Core,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    view = repair_view(core, officer_id=officer.account_id, repair_id=repair_id)
    return form_page(request, "counter/roster_repair.html", typed, error, view=view, kinds=_kinds(core))


def _roster(
    request: Request,
    roster_id: UUID,
    officer: RosterDep,
    core: Core,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    view = roster_view(core, officer_id=officer.account_id, roster_id=roster_id)
    waited = max(0.0, (core.clock.now() - view.roster.asked_at).total_seconds())
    return form_page(request, "counter/roster.html", typed, error, view=view, waited=waited, kinds=_kinds(core))


def _kinds(core: Core) -> Mapping[str, ShiftSpec]:
    return {one.code: one for one in core.pack.country.roster.shifts}
