"""Boards of figures about the whole: charts, the tables behind them, downloads. Nothing in them is about anyone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.charts.labels import axis_name, part_name, row_name
from api.charts.pieces import Drawn, draw
from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.answers import read_day
from api.pages.shared.forms import Form, as_form, form_page
from api.pages.shared.fresh_proof import TakingOutDep
from api.pages.shared.service_names import service_names
from api.pages.workbench.tables import note_table
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.figures.counting import WRITERS, counted_all, degraded_minutes, latest_draw, written
from booking.country.figures.measures import MEASURES, Board, Measure, on_board
from booking.country.figures.tables import ALL, ROW
from booking.country.figures.wanted import USUAL, Wanted
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models.states import DrawState

router = APIRouter(prefix="/analyst/figures")

AHEAD: Final[Mapping[Board, timedelta]] = {Board.OFFICES: USUAL}
"""Boards that look ahead as well: appointments are made for coming days."""


@dataclass(frozen=True, slots=True)
class View:
    """A figure as a page shows it: the chart, its table in words, and where it can be had."""

    name: str
    figure: Drawn
    columns: list[str]
    rows: list[list[str]]
    empty: bool
    csv: str
    parquet: str
    link: str


@router.get("")
def index(_analyst: AnalystDep) -> Response:
    """Lead to the first board."""
    return RedirectResponse(f"/analyst/figures/{Board.TODAY.value}", 303)


@router.get("/{board}")
def show(request: Request, board: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a board; every filter stands in the address."""
    chosen = _board(board)
    typed = _typed(request)
    shared: dict[str, Any] = {
        "board": chosen.value,
        "offices": [(office.code, words.name(office)) for office in catalogue.list_offices(core)],
        "services": list(service_names(core, words).items()),
        "draws": [(one.reference,) * 2 for one in catalogue.list_draws(core) if one.state is DrawState.PUBLISHED],
    }
    try:
        wanted = _wanted(typed, chosen, core)
    except (FieldError, InvalidInputError) as error:
        nothing: dict[str, Any] = {"views": [], "draw": None, "minutes": 0, "chosen": ""}
        return form_page(request, "workbench/figures.html", typed, error, **nothing, **shared)
    measures = on_board(chosen) if wanted.draw or chosen is not Board.DRAWS else []
    frames = counted_all(core, measures, wanted, exact=True)
    query = urlencode(_query(wanted))
    names = _names(core, words)
    return form_page(
        request,
        "workbench/figures.html",
        as_form(_query(wanted)),
        views=[_view(one, frames[one.name], query, names, words) for one in measures],
        draw=catalogue.find_draw(core, wanted.draw) if wanted.draw else None,
        minutes=degraded_minutes(core, wanted) if chosen is Board.TODAY else 0,
        chosen=_chosen(wanted, shared, words),
        **shared,
    )


@router.get("/{board}/{file}")
def download(
    request: Request, board: str, file: str, analyst: AnalystDep, _fresh: TakingOutDep, core: CoreDep
) -> Response:
    """Return a figure as CSV or Parquet, small counts left empty: what leaves the pages gives nobody away."""
    name, _, ending = file.partition(".")
    chosen = _board(board)
    if name not in MEASURES or MEASURES[name].board is not chosen or ending not in WRITERS:
        raise NotFoundError
    wanted = _wanted(_typed(request), chosen, core)
    frame = counted_all(core, [MEASURES[name]], wanted)[name]
    note_table(core, analyst, f"figure {name}", frame, **_query(wanted))
    content, media_type = written(frame, ending)
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{file}"'}, media_type)


def _typed(request: Request) -> Form:
    return as_form(dict(request.query_params))


def _chosen(wanted: Wanted, shared: Mapping[str, Any], words: Words) -> str:
    """Return in words what is counted, which stands where the filters are folded."""
    when = wanted.draw or f"{words.day(wanted.first)} – {words.day(wanted.last)}"
    where = dict(shared["offices"]).get(wanted.office) or words.gettext("All offices")
    what = dict(shared["services"]).get(wanted.service) or words.gettext("All services")
    return words.listed([when, where, what])


def _board(name: str) -> Board:
    try:
        return Board(name)
    except ValueError:
        raise NotFoundError from None


def _wanted(typed: Form, board: Board, core: Core) -> Wanted:
    today = core.today()
    draw = (typed.text("draw") or latest_draw(core)) if board is Board.DRAWS else ""
    return Wanted(
        first=_day(typed, "first", today - USUAL),
        last=_day(typed, "last", today + AHEAD.get(board, timedelta())),
        office=typed.text("office"),
        service=typed.text("service"),
        draw=draw,
    )


def _day(typed: Form, name: str, otherwise: date) -> date:
    return read_day(name, typed.text(name)) or otherwise


def _query(wanted: Wanted) -> dict[str, str]:
    query = {
        "first": wanted.first.isoformat(),
        "last": wanted.last.isoformat(),
        "office": wanted.office,
        "service": wanted.service,
        "draw": wanted.draw,
    }
    return {name: value for name, value in query.items() if value}


def _names(core: Core, words: Words) -> dict[str, str]:
    """Return names of services, and the places of offices: a whole name is cut in a chart, and looks like another."""
    return service_names(core, words) | {office.code: words.place(office) for office in catalogue.list_offices(core)}


def _view(measure: Measure, frame: Any, query: str, names: Mapping[str, str], words: Words) -> View:
    address = f"/analyst/figures/{measure.board.value}"
    counts = [*measure.shape.parts, ALL]
    return View(
        name=measure.name,
        figure=draw(measure, frame, names=names, words=words),
        columns=[axis_name(measure.rows, words), *(part_name(part, words) for part in counts)],
        rows=[
            [row_name(row[ROW], measure.rows, names, words), *(words.number(int(row[part])) for part in counts)]
            for row in frame.to_dict("records")
        ],
        empty=not frame[ALL].any(),
        csv=f"{address}/{measure.name}.csv?{query}",
        parquet=f"{address}/{measure.name}.parquet?{query}",
        link=f"{address}?{query}#{measure.name}",
    )
