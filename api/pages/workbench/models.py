"""Pages on the versions of the gate's model: lines, evidence, and the steps that two people take."""

from typing import Any

from api.pages.workbench.reading import reason_of, studies_of
from api.pages.workbench.study_tables import METRICS
from api.pages.workbench.version_pages import ACTIVATE, RETIRE, START_SHADOW, Pressed, Reading, VersionPages
from booking.antifraud.gate.errors import ModelUnusableError
from booking.antifraud.gate.studies import ask_model
from booking.antifraud.gate.versions import MODEL, model_of, propose_lines
from booking.country.core.policies import lines_of
from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from booking.country.versions.steps import VersionLine, Versions
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import ModelVersion
from booking.platform.models.policies.learning import StudyKind
from fraud.scoring.artifact import Thresholds

MOST_DAYS = 180


def _study(pressed: Pressed) -> str:
    days = next(iter(pressed.form.numbers("days")), 0)
    if not 0 < days <= MOST_DAYS:
        raise InvalidInputError([FieldError("days", "too_many_days", most=MOST_DAYS)])
    return f"/analyst/studies/{ask_model(pressed.core, by=pressed.by, version=pressed.version, days=days)}"


def _other_lines(pressed: Pressed) -> str:
    """Propose the same model with other lines."""
    reason = reason_of(pressed.form)
    lines = {name: pressed.form.text(name) for name in ("challenge", "review")}
    version = propose_lines(pressed.core, version=pressed.version, by=pressed.by, reason=reason, **lines)
    return f"/analyst/models/{version}"


def _in_list(_reading: Reading, _versions: Versions[ModelVersion]) -> dict[str, Any]:
    return {"metrics": METRICS}


def _in_version(reading: Reading, line: VersionLine[ModelVersion], _against: int | None) -> dict[str, Any]:
    core, version = reading.core, line.row.version
    try:
        model = model_of(core, version)
    except ModelUnusableError:
        model = None
    with core.sessions() as session:
        overruled = lines_of(policy_limits.pick(GateSpec, policy_limits.find_active_limits(session)))
    return {
        "model": model,
        "typed": {} if model is None else {"days": "30", **_lines(model.thresholds)},
        "overruled": overruled,
        "studies": [one for one in studies_of(core, version=version) if one.row.kind is StudyKind.MODEL],
        "metrics": METRICS,
    }


def _lines(thresholds: Thresholds) -> dict[str, str]:
    return {"challenge": f"{thresholds.challenge:.4f}", "review": f"{thresholds.review:.4f}"}


router = VersionPages(
    kind=MODEL,
    path="/analyst/models",
    list_template="workbench/models.html",
    version_template="workbench/model_version.html",
    in_list=_in_list,
    in_version=_in_version,
    actions={
        "activate": ACTIVATE,
        "retire": RETIRE,
        "shadow": START_SHADOW,
        "study": _study,
        "lines": _other_lines,
    },
).router()
