"""The gate's two kinds of versions, rules and models: what each is checked for, and how one is proposed."""

from hashlib import sha256
from typing import Final, TypeVar
from uuid import UUID

from booking.antifraud.gate.errors import ModelUnusableError, UntestedRulesError
from booking.antifraud.gate.evidence import speaking_backtest
from booking.antifraud.gate.studies import ask_evidence_in
from booking.country.core.core import Core
from booking.country.versions.kind import Kind, Step, StepName
from booking.country.versions.steps import propose
from booking.platform.base.errors import NotFoundError
from booking.platform.models import ModelVersion, NoShowModelVersion, RuleSetVersion
from booking.platform.models.base import Json
from booking.platform.models.states import MODEL_MOVES, RULES_MOVES
from fraud.rules.rule_set import parse_rules
from fraud.scoring.artifact import Artifact, ArtifactError, Schema

Model = TypeVar("Model", ModelVersion, NoShowModelVersion)


def propose_rules(core: Core, *, source: str, by: UUID, reason: str = "") -> int:
    """Keep a rule set as a draft version, and have a job try it on history; return its number.

    Raises
    ------
    fraud.rules.rule_set.RuleError
        The text is not a rule set; nothing is kept.
    ForbiddenError
        ``by`` is not an analyst.
    """
    details = {"rules": parse_rules(source).version}
    return propose(core, RULES, RuleSetVersion(source=source), by=by, details=details, reason=reason)


def propose_model(core: Core, *, data: bytes, by: UUID, reason: str = "") -> int:
    """Keep the bytes of a trained model as a draft; return its version.

    Raises
    ------
    fraud.scoring.artifact.ArtifactError
        The bytes are truncated, altered or of a model for another schema; nothing is kept.
    ForbiddenError
        ``by`` is not an analyst.
    """
    row = model_row(ModelVersion, data)
    return propose(core, MODEL, row, by=by, details={"sha256": row.sha256}, reason=reason)


def model_row(model: type[Model], data: bytes, schema: Schema | None = None) -> Model:
    """Make a row of the bytes of a trained model; raises ArtifactError where they are not one for this schema."""
    about = Artifact.from_bytes(data, schema).about
    return model(artifact=data, sha256=sha256(data).hexdigest(), details=dict(about))


def usable(data: bytes, schema: Schema | None = None) -> Artifact:
    """Unpack a model that is stored; raises ModelUnusableError where it is damaged or knows other facts."""
    try:
        return Artifact.from_bytes(data, schema)
    except ArtifactError as error:
        raise ModelUnusableError(str(error)) from error


def rules_source(core: Core, version: int) -> str:
    """Return the text of a version of rules; raises NotFoundError."""
    with core.sessions() as session:
        row = session.get(RuleSetVersion, version)
        if row is None:
            raise NotFoundError
        return row.source


def _check_rules(step: Step[RuleSetVersion]) -> Json:
    """Return the backtest of these very rules for the record.

    Rules that nobody tried on history are not refused for good: in an attack, or before anyone has asked, there may be
    none to wait for. But the analyst must say that they know, and the audit log keeps it.

    Raises
    ------
    UntestedRulesError
        No finished backtest is of exactly these rules against those that decide now.
    """
    if step.name is not StepName.ACTIVATED:
        return {}
    found = speaking_backtest(step.session, step.row.source)
    if found is None and not step.anyway:
        raise UntestedRulesError
    return {"backtest": None if found is None else str(found.id)}


def _ask_for_evidence(step: Step[RuleSetVersion]) -> None:
    ask_evidence_in(step.session, step.core, row=step.row, analyst=step.by)


def _check_model(step: Step[ModelVersion]) -> Json:
    """Raise ModelUnusableError; before a model decides, FairnessBoundError where it troubles one group too much."""
    artifact = usable(step.row.artifact)
    if step.name is not StepName.SHADOW:
        from booking.antifraud.gate.fairness import check_fairness  # noqa: PLC0415 - heavy, and only an activation needs it

        check_fairness(step.session, step.core, artifact)
    return {}


RULES: Final = Kind("rules", RuleSetVersion, RULES_MOVES, check=_check_rules, proposed=_ask_for_evidence)
MODEL: Final = Kind("model", ModelVersion, MODEL_MOVES, check=_check_model)
