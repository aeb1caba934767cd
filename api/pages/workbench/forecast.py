"""What the coming weeks may bring: demand, no-shows and a proposal for overbooking, which nothing follows by itself."""

import io
from dataclasses import dataclass
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
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError

router = APIRouter(prefix="/analyst/forecast")

EXAMPLE: Final = "example"


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
    typed = as_form(dict(request.query_params))
    kept = _kept(core, typed.text("source"))
    offices = {one.code: words.name(one) for one in catalogue.list_offices(core)}
    services = service_names(core, words)
    chosen = _chosen(typed, kept, offices, services)
    return form_page(
        request,
        "workbench/forecast.html",
        as_form({"office": chosen.office, "service": chosen.service, "source": chosen.source}),
        offices=list(offices.items()),
        services=list(services.items()),
        kept=kept,
        demand=_demand(kept, chosen, offices, services, words),
        absent=_records(kept and kept.absent, office=chosen.office),
        proposals=[one for one in _records(kept and kept.proposals) if one["extra"]],
        invented=chosen.source == EXAMPLE,
        names=offices | services,
        zone=core.pack.country.time_zone,
        address=f"/analyst/forecast/weeks.csv?source={chosen.source}",
        view=f"/analyst/forecast?{chosen.query}",
    )


@router.get("/weeks.csv")
def download(request: Request, analyst: AnalystDep, _fresh: TakingOutDep, core: CoreDep) -> Response:
    """Return the coming weeks of every office and service as CSV."""
    kept = _kept(core, request.query_params.get("source", ""))
    if kept is None or kept.weeks is None:
        raise NotFoundError
    note_table(core, analyst, "forecast", kept.weeks)
    content = io.StringIO()
    kept.weeks.to_csv(content, index=False, float_format="%.2f", lineterminator="\n")
    disposition = {"Content-Disposition": 'attachment; filename="weeks.csv"'}
    return Response(content.getvalue(), 200, disposition, "text/csv; charset=utf-8")


@router.post("/draft")
def draft(_form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Put the proposal that the page shows into a new draft of the quotas; nothing is in force by it."""
    from booking.scheduling.quotas.overbooking_draft import begin_draft  # noqa: PLC0415 - loads what learns

    kept = _kept(core, "")
    if kept is None or kept.proposals is None or not kept.proposals["extra"].any():
        raise NotFoundError
    title = words.gettext("Overbooking, %(day)s") % {"day": words.short_day(core.today())}
    draft_id = begin_draft(core, kept.proposals, title=title, by=analyst.account_id)
    return RedirectResponse(f"/analyst/quotas/drafts/{draft_id}", 303)


def _kept(core: Core, source: str) -> Any:
    from booking.scheduling.forecast import kept  # noqa: PLC0415 - loads what reads it, which most web processes never do

    return kept.read(core, kept.EXAMPLE if source == EXAMPLE else kept.OWN)


def _chosen(typed: Form, kept: Any, offices: dict[str, str], services: dict[str, str]) -> _Chosen:
    """Take what the address names, or the office and service with most requests."""
    office, service = typed.text("office"), typed.text("service")
    if (office and office not in offices) or (service and service not in services):
        raise NotFoundError
    weeks = kept and kept.weeks
    if weeks is not None and not (office and service):
        weeks = weeks[
            (weeks["office"] == office) if office else (weeks["service"] == service) if service else slice(None)
        ]
        if len(weeks):
            most = weeks.loc[weeks["mean"].idxmax()]
            office, service = office or str(most["office"]), service or str(most["service"])
    return _Chosen(office, service, EXAMPLE if typed.text("source") == EXAMPLE else "")


def _demand(
    kept: Any, chosen: _Chosen, offices: dict[str, str], services: dict[str, str], words: Words
) -> dict[str, Any] | None:
    if kept is None or kept.weeks is None:
        return None
    from api.charts.forecast import forecast_chart  # noqa: PLC0415 - loads what draws charts

    weeks, history = (_part(frame, chosen) for frame in (kept.weeks, kept.history))
    if weeks.empty:
        return None
    title = words.listed([offices[chosen.office], services[chosen.service]])
    return {
        "figure": forecast_chart(history, weeks, words, title=title),
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


def _records(frame: Any, **wanted: str) -> list[dict[str, Any]]:
    if frame is None:
        return []
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return list(frame.to_dict("records"))
