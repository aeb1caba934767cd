"""The next questions: which offices, which days and times, and dates."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.citizen.ask.progress import Asking
from api.pages.shared.answers import read_day, week_of
from api.pages.shared.forms import Form, PostedDep, form_page
from booking.base.errors import FieldError, InvalidInputError, MawidError
from booking.base.fields import noted, raise_all
from booking.catalogue import views as catalogue
from booking.catalogue.districts import consulates_of
from booking.models import Office
from booking.models.states import WAITING_FOR_DRAW
from booking.requests.views import list_requests

router = APIRouter()

RANKS: Final = ("first", "second", "third")
HOME_DAYS: Final = ("home_first", "home_last")


@router.get("/offices")
def offices_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask for up to three offices, best first."""
    asking = Asking(request, core, account)
    chosen = asking.draft.get("offices", [])
    known = dict(zip(RANKS, chosen, strict=False)) | asking.draft.get("home", {})
    return asking.missing(before="offices") or _offices_page(request, asking, known)


@router.post("/offices")
def offices_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the offices in their order; an empty choice between two others is skipped."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="offices")) is not None:
        return elsewhere
    try:
        chosen, home = _read_offices(asking, form)
        asking.check("offices", *HOME_DAYS, offices=chosen, home=home)
    except MawidError as error:
        return _offices_page(request, asking, form, _by_rank(error))
    asking.keep(offices=chosen, home=home)
    return asking.on("when")


def _by_rank(error: MawidError) -> MawidError:
    """Say at the first choice what is wrong with the offices as a whole."""
    if not isinstance(error, InvalidInputError):
        return error
    named = [FieldError("first", one.reason, **one.values) if one.field == "offices" else one for one in error.errors]
    return InvalidInputError(named)


def _read_offices(asking: Asking, form: Form) -> tuple[list[str], dict[str, str | None]]:
    """Read the offices, and the days of a visit home where a branch is among them; raises FieldError."""
    chosen = [form.text(rank) for rank in RANKS if form.text(rank)]
    at_home = {office.code for office in asking.branches}
    if len(set(chosen)) != len(chosen):
        raise FieldError("second", "same_office_twice")
    if not at_home.intersection(chosen):
        return chosen, {}
    days = {name: read_day(name, form.text(name)) for name in HOME_DAYS}
    for name, day in days.items():
        if day is None:
            raise FieldError(name, "missing_home_days")
    return chosen, {name: day.isoformat() if day else None for name, day in days.items()}


def _offices_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    groups: dict[str, list[Office]] = {}
    country = asking.draft.get("country", "")
    mine = consulates_of(asking.core, country) if asking.abroad and country else []
    for office in catalogue.list_offices(asking.core, asking.door):
        if office.code not in {one.code for one in mine}:
            groups.setdefault(office.region_code, []).append(office)
    return form_page(
        request,
        "citizen/ask/offices.html",
        typed,
        error,
        groups=list(groups.values()),
        mine=mine,
        country=country,
        branches=asking.branches,
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
    known = [band.code for band in core.pack.country.bands]
    when = {
        "weekdays": [day for day in form.numbers("weekdays") if day in range(7)],
        "bands": [band for band in known if band in form.every("bands")],
    }
    try:
        asking.check(*when, when=when)
    except MawidError as error:
        return _when_page(request, asking, form, error)
    asking.keep(when=when)
    return asking.on("dates")


def _when_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "citizen/ask/when.html",
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
    try:
        dates = {**_read_dates(form), **_boxes(form)}
        asking.check(*dates, dates=dates)
    except MawidError as error:
        return _dates_page(request, asking, form, error)
    asking.keep(dates=dates)
    return asking.on("review")


def _read_dates(form: Form) -> dict[str, str | None]:
    """Read the days; raises InvalidInputError with all that cannot be read."""
    days: dict[str, str | None] = {}
    errors: list[FieldError] = []
    for name in ("needed_by", "first_day", "last_day"):
        with noted(errors):
            day = read_day(name, form.text(name))
            days[name] = day.isoformat() if day else None
    raise_all(errors)
    return days


def _boxes(form: Form) -> dict[str, str | None]:
    return {name: "yes" if form.text(name) == "yes" else None for name in ("accessible", "together")}


def _dates_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    waiting = any(line.state in WAITING_FOR_DRAW for line in list_requests(asking.core, asking.account_id))
    return form_page(request, "citizen/ask/dates.html", typed, error, waiting=waiting, **asking.context("dates"))
