"""A page on demand against capacity: the offices on a map, a heat-map by weekday, the table behind both."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.charts.pressure import Point, heat_map, level, office_map, ratio_told
from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, as_form, form_page
from api.pages.workbench.quota_asking import subject_of
from booking.country.core.core import Core
from booking.country.policy.quota_table import QuotaTable
from booking.country.versions.steps import read_versions
from booking.platform.base.errors import NotFoundError, PolicyMissingError
from booking.platform.models import Draw
from booking.platform.models.offices.office import OfficeKind
from booking.scheduling.quotas.trials import MOST_OFFERED, last_draws
from booking.scheduling.quotas.versions import QUOTAS
from booking.scheduling.quotas.views import Pressure, read_draft, read_pressure, read_table

router = APIRouter(prefix="/analyst/quotas")

MOST_ROWS: Final = 25


@dataclass(frozen=True, slots=True)
class _Chosen:
    table: QuotaTable
    title: str
    draw: Draw | None
    kind: OfficeKind


@router.get("/map")
def show(request: Request, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show what is asked of each office against what it can give; what is shown stands in the address."""
    typed = as_form(dict(request.query_params))
    with core.sessions() as session:
        draws = last_draws(session, MOST_OFFERED)
    chosen = _chosen(typed, core, words, draws)
    found = [one for one in read_pressure(core, chosen.table, chosen.draw) if one.office.kind is chosen.kind]
    draw = chosen.draw.reference if chosen.draw else ""
    query = {"draw": draw, "where": chosen.kind.value, "draft": typed.text("draft"), "version": typed.text("version")}
    return form_page(
        request,
        "workbench/quota_map.html",
        as_form(query),
        title=chosen.title,
        draws=draws,
        draft=typed.text("draft"),
        version=typed.text("version"),
        view=f"/analyst/quotas/map?{urlencode({name: value for name, value in query.items() if value})}",
        **_drawn(found, words),
    )


def _chosen(typed: Form, core: Core, words: Words, draws: list[Draw]) -> _Chosen:
    """Read what is to be shown; raises NotFoundError, and PolicyMissingError where no quotas decide."""
    subject = subject_of(typed, core, words)
    if subject.draft_id is not None:
        table = read_draft(core, subject.draft_id).table
    elif subject.version is not None:
        table = read_table(core, subject.version)
    else:
        active = read_versions(core, QUOTAS).active
        if active is None:
            raise PolicyMissingError
        table = read_table(core, active.row.version)
    wanted, kind = typed.text("draw"), typed.text("where") or OfficeKind.BRANCH.value
    draw = next((one for one in draws if one.reference == wanted), None)
    if (wanted and draw is None) or kind not in set(OfficeKind):
        raise NotFoundError
    return _Chosen(table, subject.title, draw, OfficeKind(kind))


def _drawn(found: list[Pressure], words: Words) -> dict[str, Any]:
    weekdays = sorted({day for one in found for day in one.by_weekday}, key=lambda day: (day + 1) % 7)
    names = [words.weekday(day) for day in weekdays]
    points = [
        Point(words.place(one.office), one.office.latitude, one.office.longitude, one.places, one.ratio)
        for one in found
        if one.places
    ]
    heat = [
        (words.place(one.office), [_ratio(*one.by_weekday.get(day, (0, 0))) for day in weekdays])
        for one in found[:MOST_ROWS]
        if one.places
    ]
    rows = [
        [
            words.name(one.office),
            words.number(one.people),
            words.number(one.units),
            words.number(one.places),
            ratio_told(one.ratio, words),
            words.gettext("no place of the draw on these days") if one.ratio is None else level(one.ratio, words),
            *(ratio_told(_ratio(*one.by_weekday.get(day, (0, 0))), words) for day in weekdays),
        ]
        for one in found
    ]
    return {
        "map": office_map(points, words),
        "heat": heat_map(heat, names, words),
        "columns": [
            words.gettext("Office"),
            words.gettext("People who asked"),
            words.gettext("Quarter hours asked"),
            words.gettext("Places of the draw"),
            words.gettext("Asked for each place"),
            words.gettext("That is"),
            *names,
        ],
        "rows": rows,
        "empty": not any(one.people for one in found),
    }


def _ratio(units: float, places: int) -> float | None:
    return units / places if places else None
