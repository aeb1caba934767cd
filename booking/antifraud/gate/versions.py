"""The gate's two kinds of versions, rules and models: what each is checked for, and how one is proposed."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import func, select, update

from booking.antifraud.gate.errors import ModelUnusableError, UntestedRulesError
from booking.antifraud.gate.evidence import speaking_backtest
from booking.antifraud.gate.studies import ask_evidence_in
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.policy.limits import active_policy, checked_limits
from booking.country.versions.steps import SYSTEM, Kind, Step, StepName, begin, change_versions, next_version, propose
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.fields import latin_digits
from booking.platform.models import Draw, LimitSetVersion, ModelVersion, NoShowModelVersion, QuotaPolicy, RuleSetVersion
from booking.platform.models.base import Json
from booking.platform.models.states import MODEL_MOVES, RULES_MOVES, DrawState, VersionState
from booking.transparency.log.views import log_active_in
from fraud.limiting.text import parse_limits
from fraud.rules.rule_set import default_rules_source, parse_rules
from fraud.scoring.artifact import Artifact, ArtifactError, Schema, Thresholds


@dataclass(frozen=True, slots=True)
class Policies:
    """The active versions; None where none is active."""

    quota: QuotaPolicy | None
    rules: RuleSetVersion | None
    model: ModelVersion | None
    last_draw: Draw | None


def active_policies(core: Core) -> Policies:
    """Return what decides at present, and the draw that was published last."""
    with core.sessions() as session:
        return Policies(
            quota=session.scalar(select(QuotaPolicy).where(QuotaPolicy.active)),
            rules=session.scalar(select(RuleSetVersion).where(RuleSetVersion.active)),
            model=session.scalar(select(ModelVersion).where(ModelVersion.active)),
            last_draw=session.scalar(
                select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc()).limit(1)
            ),
        )


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


def propose_lines(core: Core, *, version: int, challenge: str, review: str, by: UUID, reason: str) -> int:
    """Keep a model with other lines as a new draft version; return its number.

    Parameters
    ----------
    challenge, review
        Scores between 0 and 1 as they were typed, in digits of any script.

    Raises
    ------
    InvalidInputError
        A line is not a score, or a review would come before a challenge.
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such version.
    ModelUnusableError
        The version's file is damaged, or for another schema of facts.
    """
    lines, errors = {}, []
    for name, typed in (("challenge", challenge), ("review", review)):
        try:
            lines[name] = _score(name, typed)
        except FieldError as error:
            errors.append(error)
    if not errors and lines["review"] < lines["challenge"]:
        errors.append(FieldError("review", "review_before_challenge"))
    if errors:
        raise InvalidInputError(errors)
    model = model_of(core, version)
    measured = {
        name: value
        for name, value in model.about.get("metrics", {}).items()
        if not name.endswith(("_challenged", "_reviewed"))  # those were measured with the old lines
    }
    about = {**model.about, "metrics": measured, "lines_of": version}
    changed = replace(model, thresholds=Thresholds(lines["challenge"], lines["review"]), about=about)
    return propose_model(core, data=changed.to_bytes(), by=by, reason=reason)


def model_of(core: Core, version: int) -> Artifact:
    """Unpack a version of the gate's model; raises NotFoundError, ModelUnusableError."""
    with core.sessions() as session:
        data = session.scalar(select(ModelVersion.artifact).where(ModelVersion.version == version))
    if data is None:
        raise NotFoundError
    return usable(data)


def _score(name: str, typed: str) -> float:
    text = latin_digits(typed.strip()).replace("٫", ".").replace(",", ".")
    if not text:
        raise FieldError(name, "missing")
    try:
        score = float(text)
    except ValueError:
        raise FieldError(name, "no_score") from None
    if not 0 < score <= 1:
        raise FieldError(name, "no_score")
    return score


def publish_default_rules(core: Core) -> int:
    """Make the built-in rules active where there are no rules yet; return the active version."""
    source = default_rules_source()
    return begin(core, RULES, RuleSetVersion(source=source), details={"rules": parse_rules(source).version})


def publish_rate_limits(core: Core, *, source: str, actor: str = SYSTEM) -> int:
    """Parse a set of rate limits, keep it as the next version and make it the active one; return the version.

    Every process judges by it within some seconds (`booking.country.core.live_limits`). The same text as the active
    version's changes nothing.

    Raises
    ------
    fraud.limiting.limits.PolicyError
        The text is not a set of limits; the active version stays.
    """
    digest = parse_limits(source).version
    with core.sessions.begin() as session:
        active = session.scalar(select(LimitSetVersion).where(LimitSetVersion.active).with_for_update())
        if active is not None and active.source == source:
            return active.version
        version = (session.scalar(select(func.max(LimitSetVersion.version))) or 0) + 1
        session.execute(update(LimitSetVersion).where(LimitSetVersion.active).values(active=False))
        now = core.clock.now()
        session.add(LimitSetVersion(version=version, source=source, digest=digest, active=True, created_at=now))
        action, details = "rate_limits.activated", {"limits": digest}
        audit.append(session, at=now, actor=actor, action=action, subject=str(version), details=details)
        return version


def publish_model(core: Core, *, artifact: Artifact) -> int:
    """Make the very first model active where there is none yet; return the active version.

    Later ones are proposed by one person and activated by another (`booking.country.versions.steps`).
    """
    row = model_row(ModelVersion, artifact.to_bytes())
    return begin(core, MODEL, row, details={"sha256": row.sha256})


def publish_limits(core: Core, *, changes: Json, actor: str = SYSTEM) -> int:
    """Keep a quota policy with some limits changed as the next version and make it active; return the version.

    Draws that are closed keep the limits that they closed with. Changes that change nothing make no version.

    Parameters
    ----------
    changes
        New values by name; None takes a limit back to its default.

    Raises
    ------
    booking.country.policy.limits.LimitsError
        A limit is unknown or cannot have this value; the active version stays.
    PolicyMissingError
        No quota policy is active yet.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        active = active_policy(session)
        limits = {name: value for name, value in (active.limits | changes).items() if value is not None}
        if limits == active.limits:
            return active.version
        now = core.clock.now()
        row = QuotaPolicy(
            version=next_version(session, QuotaPolicy),
            state=VersionState.DRAFT,
            active=False,
            bootstrap=False,
            limits_only=True,
            shares=active.shares,
            overrides=active.overrides,
            limits=checked_limits(limits),
            created_at=now,
        )
        session.add(row)
        session.flush()  # it is born beside the active one, whose quotas it must have (a trigger)
        active.state, active.active = VersionState.RETIRED, False
        session.flush()
        row.state, row.active, row.activated_at = VersionState.ACTIVE, True, now
        subject = str(row.version)
        audit.append(session, at=now, actor=actor, action="limits.activated", subject=subject, details=dict(changes))
        log_active_in(session, core, row)
        return row.version


EDITED: Final = "edited"
"""The mark among the inputs of such a verdict."""
NOT_EDITED: Final = f"NOT v.inputs @> '{{\"{EDITED}\": true}}'"
"""The condition, for a verdict ``v``, that it is none: history is studied by what was asked, not by each change."""
