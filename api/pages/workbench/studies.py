"""Pages on a study: how far it is, how to end it, and what it found."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.charts.findings import FEW
from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.fresh_proof import TakingOutDep
from api.pages.workbench.reading import StudyDep, action_of
from api.pages.workbench.study_tables import (
    Say,
    backtest_tables,
    calibration_rows,
    curve_rows,
    drift_rows,
    model_tables,
    records_of,
)
from api.pages.workbench.tables import csv_of, names_of, note_table
from booking.antifraud.gate.studies import read_study, stop_study
from booking.country.core.core import Core
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.models.policies.learning import StudyKind, StudyState

router = APIRouter(prefix="/analyst/studies")


@router.get("/{study_id}")
def look(request: Request, study_id: StudyDep, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a study."""
    return _show(request, core, words, study_id)


@router.post("/{study_id}")
def stop(
    request: Request, study_id: StudyDep, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """End a study that runs."""
    action_of(form, "stop")
    try:
        stop_study(core, by=analyst.account_id, study_id=study_id)
    except MawidError as error:
        return _show(request, core, words, study_id, error)
    return RedirectResponse(f"/analyst/studies/{study_id}", 303)


@router.get("/{study_id}/{table}.csv")
def download(study_id: StudyDep, table: str, analyst: AnalystDep, _fresh: TakingOutDep, core: CoreDep) -> Response:
    """Return one table of a study's result as CSV."""
    rows = records_of(read_study(core, study_id).row.result, table)
    if rows is None:
        raise NotFoundError
    note_table(core, analyst, f"study {study_id}", rows, table=table)
    return csv_of(rows, table)


def _show(request: Request, core: Core, words: Words, study_id: UUID, error: MawidError | None = None) -> Response:
    study = read_study(core, study_id)
    row, say = study.row, Say(words, _names(core, words))
    context: dict[str, Any] = {"tables": [], "charts": []}
    if row.state is StudyState.DONE and row.kind is StudyKind.MODEL:
        context = {"tables": model_tables(row.result, say), "charts": _charts(row.result, say)}
    elif row.state is StudyState.DONE:
        context["tables"] = backtest_tables(row.result, say)
    return form_page(
        request,
        "workbench/study.html",
        None,
        error,
        study=study,
        row=row,
        result=row.result,
        say=say,
        few=FEW,
        zone=core.pack.country.time_zone,
        **context,
    )


def _charts(result: Mapping[str, Any], say: Say) -> list[tuple[str, Any, list[str], list[list[str]]]]:
    """Draw the charts of a model's study, each with the table behind it."""
    if not result["judged"]:
        return []
    from api.charts import gate  # noqa: PLC0415 - takes seconds to load, and only this page draws

    drawn = [
        (
            "curve",
            gate.threshold_curve(result["curve"], capacity=result["capacity"], words=say.words),
            *curve_rows(result, say),
        ),
        (
            "drift",
            gate.drift([week["until"] for week in result["drift"]["weeks"]], result["drift"]["facts"], words=say.words),
            *drift_rows(result, say),
        ),
    ]
    if result["calibration"]:
        drawn.insert(
            1,
            ("calibration", gate.reliability(result["calibration"], words=say.words), *calibration_rows(result, say)),
        )
    return drawn


def _names(core: Core, words: Words) -> dict[str, str]:
    """Return the names of offices, services and regions by their codes."""
    regions = {region.code: words.pick(region.name["ar"], region.name["en"]) for region in core.pack.regions}
    return names_of(core, words) | regions
