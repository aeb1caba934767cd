"""Pages on the versions of the gate's model: lines, evidence, and the steps that two people take."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.workbench.reading import reason_of, studies_of, take_step, version_of
from api.pages.workbench.study_words import METRICS
from booking.base.errors import FieldError, InvalidInputError, MawidError
from booking.core.core import Core
from booking.core.policies import active_lines
from booking.gate.errors import ModelUnusableError
from booking.gate.model_lines import model_of, propose_lines
from booking.gate.studies import ask_model
from booking.gate.versions import roll_back
from booking.gate.views import read_steps, read_versions
from booking.models.policies.study_states import StudyKind

router = APIRouter(prefix="/analyst/models")
MOST_DAYS = 180


@router.get("")
def versions(request: Request, _analyst: AnalystDep, core: CoreDep) -> Response:
    """List the versions of the gate's model."""
    return _list(request, core)


@router.post("")
def back(request: Request, form: PostedDep, analyst: AnalystDep, core: CoreDep) -> Response:
    """Bring back, in one step, what decided before."""
    try:
        version = roll_back(core, kind="model", by=analyst.account_id, reason=reason_of(form))
    except MawidError as error:
        return _list(request, core, form, error)
    return RedirectResponse(f"/analyst/models/{version}", 303)


@router.get("/{version}")
def look(request: Request, version: str, _analyst: AnalystDep, core: CoreDep) -> Response:
    """Show a version."""
    return _show(request, core, version_of(version))


@router.post("/{version}")
def move(request: Request, version: str, form: PostedDep, analyst: AnalystDep, core: CoreDep) -> Response:
    """Study a version, propose other lines for it, or take a step of its life."""
    number = version_of(version)
    try:
        address = _act(core, number, form, analyst.account_id)
    except MawidError as error:
        return _show(request, core, number, form, error)
    return RedirectResponse(address, 303)


def _act(core: Core, version: int, form: Form, by: UUID) -> str:
    """Do what the pressed button says; give the address to go on at."""
    action = form.text("action")
    if action == "study":
        days = next(iter(form.numbers("days")), 0)
        if not 0 < days <= MOST_DAYS:
            raise InvalidInputError([FieldError("days", "too_many_days", most=MOST_DAYS)])
        return f"/analyst/studies/{ask_model(core, by=by, version=version, days=days)}"
    reason = reason_of(form)
    if action == "lines":
        lines = {name: form.text(name) for name in ("challenge", "review")}
        version = propose_lines(core, version=version, by=by, reason=reason, **lines)
    else:
        take_step(core, action, kind="model", version=version, by=by, reason=reason)
    return f"/analyst/models/{version}"


def _list(request: Request, core: Core, form: Form | None = None, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "workbench/models.html",
        form,
        error,
        versions=read_versions(core, "model"),
        metrics=METRICS,
        zone=core.pack.country.time_zone,
    )


def _show(
    request: Request, core: Core, version: int, form: Form | None = None, error: MawidError | None = None
) -> Response:
    found = read_versions(core, "model")
    line = found.line(version)
    try:
        model = model_of(core, version)
    except ModelUnusableError:
        model = None
    with core.sessions() as session:
        overruled = active_lines(session)
    typed = form or (
        {} if model is None else {"days": "30", **_lines(model.thresholds.challenge, model.thresholds.review)}
    )
    return form_page(
        request,
        "workbench/model_version.html",
        typed,
        error,
        line=line,
        model=model,
        overruled=overruled,
        steps=read_steps(core, "model", version),
        studies=[one for one in studies_of(core, version=version) if one.row.kind is StudyKind.MODEL],
        metrics=METRICS,
        zone=core.pack.country.time_zone,
    )


def _lines(challenge: float, review: float) -> dict[str, str]:
    return {"challenge": f"{challenge:.4f}", "review": f"{review:.4f}"}
