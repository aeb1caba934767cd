"""Change a request that waits: every answer on one page, as it was given; the turn stays."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep
from api.pages.shared.answers import read_day
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import week_of
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError, MawidError, NotFoundError
from booking.platform.base.fields import noted, raise_all
from booking.platform.models import Office
from booking.platform.models.states import Door, RequestState
from booking.scheduling.requests.change import Change, Editable, editable
from booking.scheduling.requests.edit import Edited, edit
from booking.scheduling.requests.receipt import EditedMeanwhileError

router = APIRouter()

RANKS: Final = ("first", "second", "third")
ANCHORS: Final = {"offices": "#first", "last_day": "#needed_by"}
_DAYS: Final = ("first_day", "needed_by", "home_first", "home_last")
_BANNERS: Final = {RequestState.UNDER_REVIEW: "edited-review", RequestState.CHALLENGED: "edited-check"}


@router.get("/requests/{reference}/change")
def change_form(
    request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep, better: str = ""
) -> Response:
    """Show the answers to be changed; with what would have given a place, where ``better`` is "1"."""
    now = editable(core, account_id=account.account_id, reference=reference)
    change = _with_suggestion(now) if better == "1" else now.change
    return _page(request, core, now, _typed(change))


@router.post("/requests/{reference}/change")
def change_post(
    *,
    request: Request,
    reference: ReferenceDep,
    form: PostedDep,
    account: AccountDep,
    core: CoreDep,
    origin: OriginDep,
) -> Response:
    """Change the request, and say what became of it."""
    now = editable(core, account_id=account.account_id, reference=reference)
    with show_again(lambda error: _shown_again(request, core, now, form, error)):
        change = _read(core, form, now)
        edited = edit(core, account_id=account.account_id, reference=reference, change=change, origin=origin)
    return told(core.settings, f"/requests/{reference}", _banner(edited), reference)


@router.get("/requests/{reference}/change/undo")
def undo_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the request, for one who comes here from an expired session."""
    return RedirectResponse(f"/requests/{reference}", 303)


@router.post("/requests/{reference}/change/undo")
def undo_post(
    request: Request, reference: ReferenceDep, _form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Let the request say again what it said before its last change, as one more change."""
    now = editable(core, account_id=account.account_id, reference=reference)
    if now.before is None:
        raise NotFoundError
    with show_again(lambda error: _page(request, core, now, _typed(now.change), error)):
        edit(core, account_id=account.account_id, reference=reference, change=now.before, origin=origin)
    return told(core.settings, f"/requests/{reference}", "edit-undone")


def _banner(edited: Edited) -> str:
    """Return what is said of a change; who left cannot be brought back, so that is not undone."""
    if not edited.different:
        return "edited-nothing"
    changed = "edited-rests" if edited.rests else "edited"
    return _BANNERS.get(edited.state, "edited-people" if "people" in edited.different else changed)


def _shown_again(request: Request, core: Core, now: Editable, form: Form, error: MawidError) -> Response:
    """Show what was typed; of a request that somebody changed meanwhile, what it says now."""
    typed = _typed(now.change) if isinstance(error, EditedMeanwhileError) else form
    return _page(request, core, now, typed, error)


def _with_suggestion(now: Editable) -> Change:
    """Add the office and the weekday that would have given a place; the last choice makes room for it."""
    if now.better is None:
        return now.change
    office, day = now.better
    others = [code for code in now.change.offices if code != office]
    ranked = now.change.offices if office in now.change.offices else (*others[: len(RANKS) - 1], office)
    return replace(now.change, offices=ranked, weekdays=now.change.weekdays | {day.weekday()})


def _typed(change: Change) -> dict[str, Any]:
    last = [day for day in (change.last_day, change.needed_by) if day is not None]
    return {
        **dict(zip(RANKS, change.offices, strict=False)),
        **{name: _iso(getattr(change, name)) for name in ("first_day", "home_first", "home_last")},
        "needed_by": _iso(min(last, default=None)),
        "weekdays": [str(day) for day in change.weekdays],
        "bands": list(change.bands),
        "people": [str(member) for member in change.people],
        "services": list(change.services or ()),
        "accessible": "yes" if change.accessible else "",
        "together": "yes" if change.together else "",
        "receipt": change.receipt,
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _read(core: Core, form: Form, now: Editable) -> Change:
    """Read the form; raises InvalidInputError with all that cannot be read."""
    errors: list[FieldError] = []
    days: dict[str, date | None] = {}
    for name in _DAYS:
        with noted(errors):
            days[name] = read_day(name, form.text(name))
    offices = tuple(form.text(rank) for rank in RANKS if form.text(rank))
    if len(set(offices)) != len(offices):
        errors.append(FieldError("second", "same_office_twice"))
    raise_all(errors)
    at_home = {office.code for office in now.branches}.intersection(offices)
    known = {day for day in (now.change.last_day, now.change.needed_by) if day is not None}
    same = days["needed_by"] == min(known, default=None)
    return Change(
        receipt=form.text("receipt"),
        lost_draws=next(iter(form.numbers("lost_draws")), None),
        people=tuple(form.numbers("people")) if len(now.party) > 1 else now.change.people,
        services=tuple(form.every("services")) if len(now.services) > 1 else now.change.services,
        offices=offices,
        bands=frozenset(band.code for band in core.pack.country.bands if band.code in form.every("bands")),
        weekdays=frozenset(day for day in form.numbers("weekdays") if day in range(7)),
        first_day=days["first_day"],
        last_day=now.change.last_day if same else None,
        needed_by=now.change.needed_by if same else days["needed_by"],
        home_first=days["home_first"] if at_home else None,
        home_last=days["home_last"] if at_home else None,
        accessible=form.text("accessible") == "yes",
        together=form.text("together") == "yes",
    )


def _page(request: Request, core: Core, now: Editable, typed: Any, error: MawidError | None = None) -> Response:
    offices = catalogue.list_offices(core, now.door)
    groups: dict[str, list[Office]] = {}
    for office in offices:
        groups.setdefault(office.region_code, []).append(office)
    return form_page(
        request,
        "citizen/request_change.html",
        typed,
        error,
        now=now,
        ranks=RANKS,
        groups=list(groups.values()),
        mine=[],
        country="",
        branches=now.branches,
        abroad=now.door is Door.ABROAD,
        weekdays=week_of([*offices, *now.branches]),
        bands=core.pack.country.bands,
        anchors=ANCHORS,
        zone=core.pack.country.time_zone,
    )
