"""Versions of rules and models: one person proposes, another one activates, any version can come back.

Each step is one transaction and one audit entry. What the database itself holds is told at `ApprovedVersion`.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.base.errors import IllegalMoveError, NotFoundError, SecondPersonNeededError
from booking.core import audit
from booking.core.core import Core
from booking.core.permissions import Permission, require
from booking.gate.errors import UntestedRulesError
from booking.gate.evidence import speaking_backtest
from booking.gate.studies import ask_evidence_in
from booking.gate.version_rows import before_active, change_versions
from booking.models import Account, ModelVersion, NoShowModelVersion, RuleSetVersion, VersionStep
from booking.models.base import Json
from booking.models.policies.policy import ApprovedVersion
from booking.models.requests.states import MODEL_MOVES, NO_SHOW_MOVES, RULES_MOVES, VersionState, checked_move
from fraud.rules.rule_set import parse_rules
from fraud.scoring.artifact import Artifact

KINDS: Final[Mapping[str, type[ApprovedVersion]]] = {
    "rules": RuleSetVersion,
    "model": ModelVersion,
    "no-show": NoShowModelVersion,
}
_MOVES: Final = {"rules": RULES_MOVES, "model": MODEL_MOVES, "no-show": NO_SHOW_MOVES}


def propose_rules(core: Core, *, source: str, by: UUID, reason: str = "") -> int:
    """Keep a rule set as a draft version, and have a job try it on history; return its number.

    Raises
    ------
    fraud.rules.rule_set.RuleError
        The text is no rule set; nothing is kept.
    ForbiddenError
        ``by`` is no analyst.
    """
    rules = parse_rules(source)
    row = RuleSetVersion(source=source)
    with core.sessions.begin() as session:
        version = propose(session, core, row, by=by, kind="rules", details={"rules": rules.version}, reason=reason)
        ask_evidence_in(session, core, row=row, analyst=session.get_one(Account, by))
        return version


def propose_model(core: Core, *, data: bytes, by: UUID, kind: str = "model", reason: str = "") -> int:
    """Keep the bytes of a trained model as a draft; return its version.

    Raises
    ------
    fraud.scoring.artifact.ArtifactError
        The bytes are truncated, altered or of a model for another schema; nothing is kept.
    ForbiddenError
        ``by`` is no analyst.
    """
    artifact = _read(data, kind)
    digest = sha256(data).hexdigest()
    made = NoShowModelVersion if kind == "no-show" else ModelVersion
    row = made(artifact=data, sha256=digest, details=dict(artifact.about))
    with core.sessions.begin() as session:
        return propose(session, core, row, by=by, kind=kind, details={"sha256": digest}, reason=reason)


def start_shadow(core: Core, *, version: int, by: UUID, kind: str = "model", reason: str = "") -> None:
    """Let a draft of rules or of the gate's model judge live requests beside the active one; it decides nothing.

    What was in shadow is retired.

    Raises
    ------
    ForbiddenError, NotFoundError, IllegalMoveError
        ``by`` is no analyst; there is no such version; it is no draft.
    fraud.scoring.artifact.ArtifactError
        What was stored is no sound model for this version of Mawid.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        model = KINDS[kind]
        row = session.get(model, version)
        if row is None:
            raise NotFoundError
        _checked(row, VersionState.SHADOW, kind)
        if isinstance(row, ModelVersion):
            _read(row.artifact, kind)
        before = session.scalar(select(model).where(model.state == VersionState.SHADOW))
        if before is not None:
            _move(before, VersionState.RETIRED, kind)
            session.flush()
        _move(row, VersionState.SHADOW, kind)
        _record(session, core, analyst, kind, "shadow", version, {}, reason)


def retire(core: Core, *, kind: str, version: int, by: UUID, reason: str = "") -> None:
    """Give a draft up, or end a shadow; it never decided and never will.

    Raises
    ------
    ForbiddenError, NotFoundError, IllegalMoveError
        ``by`` is no analyst; there is no such version; it decides, or decided before.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        row = session.get(KINDS[kind], version)
        if row is None:
            raise NotFoundError
        if row.state is VersionState.ACTIVE:
            raise IllegalMoveError(row.state, VersionState.RETIRED)  # the gate is never left without one
        _move(row, VersionState.RETIRED, kind)
        _record(session, core, analyst, kind, "retired", version, {}, reason)


def activate(
    core: Core, *, kind: str, version: int, by: UUID, reason: str = "", without_backtest: bool = False
) -> None:
    """Make a version decide; the one before is retired.

    Rules that nobody tried on history are not refused for good: in an attack, or before anyone has asked, there may be
    none to wait for. But ``by`` must say ``without_backtest``, and the audit log keeps it.

    Raises
    ------
    SecondPersonNeededError
        ``by`` proposed this version, or nobody did.
    UntestedRulesError
        No finished backtest is of exactly these rules against those that decide now, and ``without_backtest`` is not
        given.
    FairnessBoundError
        The model would trouble the honest people of one group too much more than others.
    ForbiddenError, NotFoundError, IllegalMoveError
        ``by`` is no analyst; there is no such version; it is not ready (a model is seen in shadow first).
    fraud.scoring.artifact.ArtifactError
        What was stored is no sound model for this version of Mawid; the old version stays active.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        row = session.get(KINDS[kind], version)
        if row is None or row.state is VersionState.RETIRED:
            raise NotFoundError  # a retired version comes back by a rollback
        tested = _tested(session, row, without_backtest=without_backtest, by=analyst)
        _activate(session, core, row, analyst, kind=kind, step="activated", reason=reason, details=tested)


def roll_back(core: Core, *, kind: str, by: UUID, to: int | None = None, reason: str = "") -> int:
    """Give a version that was active before its place back; return it.

    By default the one that was first put in force just before the active one was: going back twice goes back two steps,
    never forth again. The rule of two people holds for it too: ``by`` must not have proposed it.

    Raises
    ------
    NotFoundError
        Nothing, or not ``to``, was active before.
    SecondPersonNeededError, ForbiddenError, fraud.scoring.artifact.ArtifactError
        As for `activate`.
    """
    model = KINDS[kind]
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        row = before_active(session, model, to)
        if row is None:
            raise NotFoundError
        _activate(session, core, row, analyst, kind=kind, step="rolled_back", reason=reason)
        return row.version


def any_version(core: Core, kind: str) -> bool:
    """Tell whether there is any version of rules or of a model yet, whatever its state."""
    with core.sessions() as session:
        return session.scalar(select(KINDS[kind].version).limit(1)) is not None


def _tested(session: Session, row: ApprovedVersion, *, without_backtest: bool, by: Account) -> Json:
    """Name the backtest of these very rules for the record; raises UntestedRulesError. Other kinds have none."""
    if not isinstance(row, RuleSetVersion):
        return {}
    found = speaking_backtest(session, row.source)
    if found is None and not without_backtest and row.created_by != by.id:
        raise UntestedRulesError
    return {"backtest": None if found is None else str(found.id)}


def _activate(
    session: Session,
    core: Core,
    row: ApprovedVersion,
    analyst: Account,
    *,
    kind: str,
    step: str,
    reason: str,
    details: Json | None = None,
) -> None:
    _checked(row, VersionState.ACTIVE, kind)
    if row.created_by == analyst.id or (row.created_by is None and not row.bootstrap):
        raise SecondPersonNeededError
    if isinstance(row, ModelVersion | NoShowModelVersion):
        artifact = _read(row.artifact, kind)
        if isinstance(row, ModelVersion):
            from booking.gate.fairness import check_fairness  # noqa: PLC0415 - heavy, and rules need none of it

            check_fairness(session, core, artifact)
    model = type(row)
    before = session.scalar(select(model).where(model.active))
    if before is not None:
        _move(before, VersionState.RETIRED, kind)
        session.flush()
    _move(row, VersionState.ACTIVE, kind)
    if row.activated_at is None:  # a rollback keeps its place in the order; the log has who rolled back
        row.activated_at, row.activated_by = core.clock.now(), analyst.id
    about: Json = {"before": None if before is None else before.version, "proposed_by": str(row.created_by or "")}
    _record(session, core, analyst, kind, step, row.version, about | (details or {}), reason)


def propose(
    session: Session, core: Core, row: ApprovedVersion, *, by: UUID, kind: str, details: Json, reason: str
) -> int:
    """Keep a new row as a draft version in the caller's transaction; return its number. Raises ForbiddenError."""
    change_versions(session)
    model = type(row)
    analyst = _analyst(session, by)
    row.version = (session.scalar(select(func.max(model.version))) or 0) + 1
    row.state, row.active, row.bootstrap = VersionState.DRAFT, False, False
    row.created_at, row.created_by = core.clock.now(), by
    session.add(row)
    _record(session, core, analyst, kind, "proposed", row.version, details, reason)
    return row.version


def _checked(row: ApprovedVersion, state: VersionState, kind: str) -> VersionState:
    return checked_move(_MOVES[kind], row.state, state)


def _move(row: ApprovedVersion, state: VersionState, kind: str) -> None:
    row.state, row.active = _checked(row, state, kind), state is VersionState.ACTIVE


def _read(data: bytes, kind: str) -> Artifact:
    if kind != "no-show":
        return Artifact.from_bytes(data)
    from fraud.no_show.model import NO_SHOW_SCHEMA  # noqa: PLC0415 - heavy, and the gate's models need none of it

    return Artifact.from_bytes(data, NO_SHOW_SCHEMA)


def _analyst(session: Session, by: UUID) -> Account:
    return require(session.get(Account, by), Permission.CHANGE_POLICIES)


def _record(
    session: Session, core: Core, who: Account, kind: str, step: str, version: int, details: Json, reason: str
) -> None:
    now = core.clock.now()
    session.add(VersionStep(kind=kind, version=version, step=step, at=now, account_id=who.id, reason=reason))
    audit.append(
        session,
        at=now,
        actor=who.username,
        account_id=who.id,
        action=f"{kind}.{step}",
        subject=str(version),
        details=details | ({"reason": reason} if reason else {}),
    )
