"""The next questions: which offices, which days and times, and dates."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.answers import read_day, week_of
from api.pages.asking import Asking
from api.pages.forms import Form, PostedDep, form_page
from booking.errors import FieldError, InvalidInputError, MawidError
from booking.models import Office
from booking.queries import directory
from booking.queries.views import list_requests
from booking.states import WAITING_FOR_DRAW

router = APIRouter()

RANKS: Final = ("first", "second", "third")


@router.get("/offices")
def offices_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for up to three offices, best first."""
    asking = Asking(request, core, account)
    chosen = asking.draft.get("offices", [])
    return asking.missing(before="offices") or _offices_page(request, asking, dict(zip(RANKS, chosen, strict=False)))


@router.post("/offices")
def offices_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the offices in their order; an empty choice between two others is skipped."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="offices")) is not None:
        return elsewhere
    chosen = [form.text(rank) for rank in RANKS if form.text(rank)]
    open_ones = {office.code for office in directory.list_offices(core, asking.door)}
    if not chosen:
        return _offices_page(request, asking, form, FieldError("first", "no_office"))
    if len(set(chosen)) != len(chosen):
        return _offices_page(request, asking, form, FieldError("second", "same_office_twice"))
    if not open_ones.issuperset(chosen):
        return _offices_page(request, asking, form, FieldError("first", "unknown_office"))
    asking.keep(offices=chosen)
    return asking.on("when")


def _offices_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    groups: dict[str, list[Office]] = {}
    for office in directory.list_offices(asking.core, asking.door):
        groups.setdefault(office.region_code, []).append(office)
    return form_page(
        request,
        "ask_offices.html",
        typed,
        error,
        groups=list(groups.values()),
        ranks=RANKS,
        **asking.context("offices"),
    )


@router.get("/when")
def when_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for weekdays and times of day; all are ticked at first, so that a tired person loses nothing."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="when")) is not None:
        return elsewhere
    everything = {"weekdays": week_of(asking.offices), "bands": [band.code for band in core.pack.country.bands]}
    return _when_page(request, asking, asking.draft.get("when", everything))


@router.post("/when")
def when_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the days and times."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="when")) is not None:
        return elsewhere
    weekdays = [day for day in form.numbers("weekdays") if day in range(7)]
    known = [band.code for band in core.pack.country.bands]
    bands = [band for band in known if band in form.every("bands")]
    errors = []
    if not weekdays:
        errors.append(FieldError("weekdays", "no_weekday"))
    if not bands:
        errors.append(FieldError("bands", "no_band"))
    if errors:
        return _when_page(request, asking, form, InvalidInputError(errors))
    asking.keep(when={"weekdays": weekdays, "bands": bands})
    return asking.on("dates")


def _when_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "ask_when.html",
        typed,
        error,
        weekdays=week_of(asking.offices),
        bands=asking.core.pack.country.bands,
        offices=asking.offices,
        **asking.context("when"),
    )


@router.get("/dates")
def dates_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for dates and access, all of them optional."""
    asking = Asking(request, core, account)
    return asking.missing(before="dates") or _dates_page(request, asking, asking.draft.get("dates", {}))


@router.post("/dates")
def dates_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the dates."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="dates")) is not None:
        return elsewhere
    days: dict[str, str | None] = {}
    errors: list[FieldError] = []
    for name in ("needed_by", "first_day", "last_day"):
        try:
            day = read_day(name, form.text(name))
        except FieldError as error:
            errors.append(error)
        else:
            days[name] = day.isoformat() if day else None
    if errors:
        return _dates_page(request, asking, form, InvalidInputError(errors))
    asking.keep(dates={**days, **_boxes(form)})
    return asking.on("review")


def _boxes(form: Form) -> dict[str, str | None]:
    return {name: "yes" if form.text(name) == "yes" else None for name in ("accessible", "together")}


def _dates_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    waiting = any(line.state in WAITING_FOR_DRAW for line in list_requests(asking.core, asking.account_id))
    return form_page(request, "ask_dates.html", typed, error, waiting=waiting, **asking.context("dates"))
