"""What the coming weeks may bring: demand, no-shows and a proposal for overbooking, which nothing follows by itself."""

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.fresh_proof import TakingOutDep
from api.pages.shared.service_names import service_names
from api.pages.workbench.tables import note_table
from booking.base.errors import NotFoundError
from booking.catalogue import views as catalogue

router = APIRouter(prefix="/analyst/forecast")

EXAMPLE: Final = "example"
_SHOWN_WEEKS: Final = 60


@dataclass(frozen=True, slots=True)
class _Chosen:
    office: str
    service: str
    source: str

    @property
    def query(self) -> str:
        return urlencode({"office": self.office, "service": self.service, "source": self.source})


@router.get("")
def show(request: Request, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show one office and service; what is shown stands in the address."""
    from booking.forecast.study import study  # noqa: PLC0415 - loads what learns, which most web processes never do

    typed = as_form(dict(request.query_params))
    told = study(core, invented=typed.text("source") == EXAMPLE)
    offices = {one.code: one.name(words.language.value) for one in catalogue.list_offices(core)}
    services = service_names(core, words)
    chosen = _chosen(typed, told.outlook, offices, services)
    known = told.outlook is not None
    return form_page(
        request,
        "workbench/forecast.html",
        as_form({"office": chosen.office, "service": chosen.service, "source": chosen.source}),
        offices=list(offices.items()),
        services=list(services.items()),
        outlook=told.outlook,
        scores=told.outlook.tested.scores.to_dict("index") if told.outlook and told.outlook.tested else {},
        demand=_demand(told, chosen, offices, services, words) if known else None,
        absent=_absent(told, chosen.office),
        proposals=[] if told.proposals is None else told.proposals[told.proposals["extra"] > 0].to_dict("records"),
        studied=told.proposals is not None,
        at_most=told.at_most,
        invented=told.invented,
        names=offices | services,
        address=f"/analyst/forecast/weeks.csv?source={chosen.source}",
        view=f"/analyst/forecast?{chosen.query}",
    )


@router.get("/weeks.csv")
def download(request: Request, analyst: AnalystDep, _fresh: TakingOutDep, core: CoreDep) -> Response:
    """Return the coming weeks of every office and service as CSV."""
    from booking.forecast.study import study  # noqa: PLC0415 - as above

    told = study(core, invented=request.query_params.get("source") == EXAMPLE)
    if told.outlook is None:
        raise NotFoundError
    note_table(core, analyst, "forecast", told.outlook.weeks)
    content = io.StringIO()
    told.outlook.weeks.to_csv(content, index=False, float_format="%.2f", lineterminator="\n")
    disposition = {"Content-Disposition": 'attachment; filename="weeks.csv"'}
    return Response(content.getvalue(), 200, disposition, "text/csv; charset=utf-8")


@router.post("/draft")
def draft(_form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Put the proposal into a new draft of the quota policy; nothing is in force before two people put it there."""
    from booking.forecast.study import study  # noqa: PLC0415 - as above
    from booking.quotas.overbooking_draft import begin_draft  # noqa: PLC0415 - as above

    told = study(core)
    if told.proposals is None or not told.proposals["extra"].any():
        raise NotFoundError
    title = words.gettext("Overbooking, %(day)s") % {"day": words.short_day(core.today())}
    draft_id = begin_draft(core, told.proposals, title=title, by=analyst.account_id)
    return RedirectResponse(f"/analyst/quotas/drafts/{draft_id}", 303)


def _chosen(typed: Form, outlook: Any, offices: dict[str, str], services: dict[str, str]) -> _Chosen:
    """Take what the address names, or the office and service with most requests."""
    office, service = typed.text("office"), typed.text("service")
    if (office and office not in offices) or (service and service not in services):
        raise NotFoundError
    if outlook is not None and not (office and service):
        weeks = outlook.weeks
        weeks = weeks[
            (weeks["office"] == office) if office else (weeks["service"] == service) if service else slice(None)
        ]
        if len(weeks):
            most = weeks.loc[weeks["mean"].idxmax()]
            office, service = office or str(most["office"]), service or str(most["service"])
    return _Chosen(office, service, EXAMPLE if typed.text("source") == EXAMPLE else "")


def _demand(
    told: Any, chosen: _Chosen, offices: dict[str, str], services: dict[str, str], words: Words
) -> dict[str, Any] | None:
    from api.charts.forecast import forecast_chart  # noqa: PLC0415 - loads what draws charts

    weeks, history = (_part(frame, chosen) for frame in (told.outlook.weeks, told.history))
    if weeks.empty:
        return None
    recent = history[history["week"] >= weeks["week"].min() - timedelta(weeks=_SHOWN_WEEKS)]
    title = words.listed([offices[chosen.office], services[chosen.service]])
    return {
        "figure": forecast_chart(recent, weeks, words, title=title),
        "columns": [
            words.gettext("Week from"),
            words.gettext("Requests expected"),
            words.gettext("Four times of five between"),
            words.gettext("Nineteen times of twenty between"),
            words.gettext("People"),
            words.gettext("Quarter hours of a counter"),
        ],
        "rows": [
            [
                words.short_day(row["week"]),
                words.number(round(row["mean"])),
                _between(row["low_80"], row["high_80"], words),
                _between(row["low_95"], row["high_95"], words),
                words.number(round(row["people"])),
                words.number(round(row["units"])),
            ]
            for row in weeks.to_dict("records")
        ],
    }


def _part(frame: Any, chosen: _Chosen) -> Any:
    return frame[(frame["office"] == chosen.office) & (frame["service"] == chosen.service)]


def _between(low: float, high: float, words: Words) -> str:
    return words.gettext("%(low)s to %(high)s") % {
        "low": words.number(round(low)),
        "high": words.number(round(high)),
    }


def _absent(told: Any, office: str) -> list[dict[str, Any]]:
    """Return an office's services with the no-shows of a usual week, without services of fewer than five people."""
    from booking.figures.disclosure import LEAST  # noqa: PLC0415 - beside the others
    from booking.forecast.attendance import no_shows_of  # noqa: PLC0415 - as above

    if told.attendance is None:
        return []
    cells = told.attendance.cells
    cells = cells[(cells["office"] == office) & (cells["appointments"] >= LEAST)]
    number = cells["weekly"].round().astype("int64")
    bands = no_shows_of(number, cells["rate"], cells["trust"])
    return list(cells.assign(weekly=number, least=bands[1], most=bands[3]).to_dict("records"))
