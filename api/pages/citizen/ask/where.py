"""The second page: which offices, which days and times, and what else matters; all but an office is answered."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep, words_of
from api.pages.citizen.ask.progress import Asking
from api.pages.shared.answers import read_day
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.office_chances import office_chances
from api.pages.shared.show_again import show_again
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.districts import consulates_of
from booking.country.catalogue.views import week_of
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError
from booking.platform.base.fields import noted, raise_all
from booking.platform.models import Office
from booking.platform.models.states import WAITING_FOR_DRAW
from booking.scheduling.requests.views import list_requests

router = APIRouter()

RANKS: Final = ("first", "second", "third")
HOME_DAYS: Final = ("home_first", "home_last")
DAYS: Final = ("first_day", "needed_by")
BOXES: Final = ("accessible", "together")
ANSWERS: Final = ("offices", *HOME_DAYS, "weekdays", "bands", *DAYS, "accessible")
"""The fields of a wish that this page answers."""


@router.get("/where")
def where_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Ask where and when; every day and time is ticked at first, so that a tired person loses nothing."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="where")) is not None:
        return elsewhere
    draft = asking.draft
    any_time = {"weekdays": _week(asking), "bands": [band.code for band in core.pack.country.bands]}
    offices = draft.get("offices") or _only_consulate(asking)
    known = dict(zip(RANKS, offices, strict=False)) | draft.get("home", {})
    return _where_page(request, asking, known | draft.get("when", any_time) | draft.get("dates", {}))


@router.post("/where")
def where_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep the offices in their order, the days and times; an empty choice between two others is skipped."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="where")) is not None:
        return elsewhere
    with show_again(lambda error: _where_page(request, asking, form, _by_rank(error))):
        steps = _read(asking, form)
        asking.check(*ANSWERS, **steps)
        _check_open(asking, steps)
    asking.keep(**steps)
    return asking.on("review")


def _read(asking: Asking, form: Form) -> dict[str, Any]:
    """Read the whole page, as steps of the draft; raises InvalidInputError with all that cannot be read."""
    errors: list[FieldError] = []
    days: dict[str, date | None] = {}
    chosen = [form.text(rank) for rank in RANKS if form.text(rank)]
    if len(set(chosen)) != len(chosen):
        errors.append(FieldError("second", "same_office_twice"))
    homeward = {office.code for office in asking.branches}.intersection(chosen)
    for name in (*(HOME_DAYS if homeward else ()), *DAYS):
        with noted(errors):
            days[name] = read_day(name, form.text(name))
            if name in HOME_DAYS and days[name] is None:
                raise FieldError(name, "missing_home_days")
    raise_all(errors)
    typed = {name: day.isoformat() if day else None for name, day in days.items()}
    bands = form.every("bands")
    return {
        "offices": chosen,
        "home": {name: typed[name] for name in HOME_DAYS if homeward},
        "when": {
            "weekdays": [day for day in form.numbers("weekdays") if day in range(7)],
            "bands": [band.code for band in asking.core.pack.country.bands if band.code in bands],
        },
        "dates": {name: typed[name] for name in DAYS}
        | {name: "yes" if form.text(name) == "yes" else None for name in BOXES},
    }


def _check_open(asking: Asking, steps: dict[str, Any]) -> None:
    """Refuse weekdays on which none of the chosen offices is open; raises InvalidInputError."""
    known = {one.code: one for one in _all_offices(asking)}
    if not week_of([known[code] for code in steps["offices"]], steps["when"]["weekdays"]):
        raise InvalidInputError([FieldError("weekdays", "closed_weekdays")])


def _by_rank(error: MawidError) -> MawidError:
    """Say at the first choice what is wrong with the offices as a whole."""
    if not isinstance(error, InvalidInputError):
        return error
    named = [FieldError("first", one.reason, **one.values) if one.field == "offices" else one for one in error.errors]
    return InvalidInputError(named)


def _all_offices(asking: Asking) -> list[Office]:
    return [*catalogue.list_offices(asking.core, asking.door), *asking.branches]


def _week(asking: Asking) -> list[int]:
    """Return the weekdays on which some office that can be chosen is open."""
    return week_of(_all_offices(asking))


def _own_consulates(asking: Asking) -> Sequence[Office]:
    country = asking.draft.get("country", "")
    return consulates_of(asking.core, country) if asking.abroad and country else []


def _only_consulate(asking: Asking) -> list[str]:
    """Return the consulate of somebody whose country has one alone: it is their first choice unless they say else."""
    mine = _own_consulates(asking)
    return [one.code for one in mine] if len(mine) == 1 else []


def _where_page(request: Request, asking: Asking, typed: Any, error: MawidError | None = None) -> Response:
    core, mine, branches = asking.core, _own_consulates(asking), asking.branches
    served = {one.code for one in mine}
    groups: dict[str, list[Office]] = {}
    for office in catalogue.list_offices(core, asking.door):
        if office.code not in served:
            groups.setdefault(office.region_code, []).append(office)
    waiting = any(line.state in WAITING_FOR_DRAW for line in list_requests(core, asking.account_id))
    return form_page(
        request,
        "citizen/ask/where.html",
        typed,
        error,
        groups=list(groups.values()),
        mine=mine,
        lives_in=asking.draft.get("country", ""),
        branches=branches,
        ranks=RANKS,
        weekdays=_week(asking),
        bands=core.pack.country.bands,
        waiting=waiting,
        zone=core.pack.country.time_zone,
        draw=catalogue.coming_draw(core),
        chances=office_chances(core, words_of(request), _all_offices(asking)),
        **asking.context("where"),
    )
