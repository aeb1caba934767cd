"""Versions of rules and models: one person proposes, another one activates, any version can come back.

Each step is one transaction and one audit entry. What the database itself holds is told at `ApprovedVersion`.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, true, tuple_
from sqlalchemy.orm import Session

from booking import audit
from booking.core import Core
from booking.errors import NotFoundError, SecondPersonNeededError
from booking.models import Account, ModelVersion, NoShowModelVersion, RuleSetVersion
from booking.models.base import Json
from booking.models.policy import ApprovedVersion
from booking.permissions import Permission, require
from booking.queries.versions import change_versions
from booking.screening.fairness import check_fairness
from booking.states import MODEL_MOVES, RULES_MOVES, VersionState, checked_move
from fraud.artifact import Artifact
from fraud.no_show import NO_SHOW_SCHEMA
from fraud.rules import parse_rules

KINDS: Final[Mapping[str, type[ApprovedVersion]]] = {
    "rules": RuleSetVersion,
    "model": ModelVersion,
    "no-show": NoShowModelVersion,
}


def propose_rules(core: Core, *, source: str, by: UUID) -> int:
    """Keep a rule set as a draft; return its version.

    Raises
    ------
    fraud.rules.RuleError
        The text is no rule set; nothing is kept.
    ForbiddenError
        ``by`` is no analyst.
    """
    rules = parse_rules(source)
    return _propose(core, RuleSetVersion(source=source), by=by, kind="rules", details={"rules": rules.version})


def propose_model(core: Core, *, data: bytes, by: UUID, kind: str = "model") -> int:
    """Keep the bytes of a trained model as a draft; return its version.

    Raises
    ------
    fraud.artifact.ArtifactError
        The bytes are truncated, altered or of a model for another schema; nothing is kept.
    ForbiddenError
        ``by`` is no analyst.
    """
    artifact = _read(data, kind)
    digest = sha256(data).hexdigest()
    made = NoShowModelVersion if kind == "no-show" else ModelVersion
    row = made(artifact=data, sha256=digest, details=dict(artifact.about))
    return _propose(core, row, by=by, kind=kind, details={"sha256": digest})


def start_shadow(core: Core, *, version: int, by: UUID) -> None:
    """Let a draft of the gate's model score live requests beside the active one; what was in shadow is retired.

    Raises
    ------
    ForbiddenError, NotFoundError, IllegalMoveError
        ``by`` is no analyst; there is no such version; it is no draft.
    fraud.artifact.ArtifactError
        What was stored is no sound model for this version of Mawid.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        row = session.get(ModelVersion, version)
        if row is None:
            raise NotFoundError
        _checked(row, VersionState.SHADOW, "model")
        _read(row.artifact, "model")
        before = session.scalar(select(ModelVersion).where(ModelVersion.state == VersionState.SHADOW))
        if before is not None:
            _move(before, VersionState.RETIRED, "model")
            session.flush()
        _move(row, VersionState.SHADOW, "model")
        _record(session, core, analyst, "model.shadow", version, {})


def activate(core: Core, *, kind: str, version: int, by: UUID) -> None:
    """Make a version decide; the one before is retired.

    Raises
    ------
    SecondPersonNeededError
        ``by`` proposed this version, or nobody did.
    FairnessBoundError
        The model would trouble the honest people of one group too much more than others.
    ForbiddenError, NotFoundError, IllegalMoveError
        ``by`` is no analyst; there is no such version; it is not ready (a model is seen in shadow first).
    fraud.artifact.ArtifactError
        What was stored is no sound model for this version of Mawid; the old version stays active.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        row = session.get(KINDS[kind], version)
        if row is None or row.state is VersionState.RETIRED:
            raise NotFoundError  # a retired version comes back by a rollback
        _activate(session, core, row, analyst, kind=kind, action=f"{kind}.activated")


def roll_back(core: Core, *, kind: str, by: UUID, to: int | None = None) -> int:
    """Give a version that was active before its place back; return it.

    By default the one that was first put in force just before the active one was: going back twice goes back two steps,
    never forth again. The rule of two people holds for it too: ``by`` must not have proposed it.

    Raises
    ------
    NotFoundError
        Nothing, or not ``to``, was active before.
    SecondPersonNeededError, ForbiddenError, fraud.artifact.ArtifactError
        As for `activate`.
    """
    model = KINDS[kind]
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        active = session.scalar(select(model).where(model.active))
        order = tuple_(model.activated_at, model.version)
        earlier = true() if active is None else order < (active.activated_at, active.version)
        row = session.scalar(
            select(model)
            .where(
                model.state == VersionState.RETIRED,
                model.activated_at.is_not(None),
                earlier if to is None else model.version == to,
            )
            .order_by(order.desc())
            .limit(1)
        )
        if row is None:
            raise NotFoundError
        _activate(session, core, row, analyst, kind=kind, action=f"{kind}.rolled_back")
        return row.version


def any_version(core: Core, kind: str) -> bool:
    """Tell whether there is any version of rules or of a model yet, whatever its state."""
    with core.sessions() as session:
        return session.scalar(select(KINDS[kind].version).limit(1)) is not None


def _activate(session: Session, core: Core, row: ApprovedVersion, analyst: Account, *, kind: str, action: str) -> None:
    _checked(row, VersionState.ACTIVE, kind)
    if row.created_by == analyst.id or (row.created_by is None and not row.bootstrap):
        raise SecondPersonNeededError
    if isinstance(row, ModelVersion | NoShowModelVersion):
        artifact = _read(row.artifact, kind)
        if isinstance(row, ModelVersion):
            check_fairness(session, core, artifact)
    model = type(row)
    before = session.scalar(select(model).where(model.active))
    if before is not None:
        _move(before, VersionState.RETIRED, kind)
        session.flush()
    _move(row, VersionState.ACTIVE, kind)
    if row.activated_at is None:  # a rollback keeps its place in the order; the log has who rolled back
        row.activated_at, row.activated_by = core.clock.now(), analyst.id
    details: Json = {"before": None if before is None else before.version, "proposed_by": str(row.created_by or "")}
    _record(session, core, analyst, action, row.version, details)


def _propose(core: Core, row: ApprovedVersion, *, by: UUID, kind: str, details: Json) -> int:
    model = type(row)
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = _analyst(session, by)
        row.version = (session.scalar(select(func.max(model.version))) or 0) + 1
        row.state, row.active, row.bootstrap = VersionState.DRAFT, False, False
        row.created_at, row.created_by = core.clock.now(), by
        session.add(row)
        _record(session, core, analyst, f"{kind}.proposed", row.version, details)
        return row.version


def _checked(row: ApprovedVersion, state: VersionState, kind: str) -> VersionState:
    return checked_move(MODEL_MOVES if kind == "model" else RULES_MOVES, row.state, state)


def _move(row: ApprovedVersion, state: VersionState, kind: str) -> None:
    row.state, row.active = _checked(row, state, kind), state is VersionState.ACTIVE


def _read(data: bytes, kind: str) -> Artifact:
    return Artifact.from_bytes(data, NO_SHOW_SCHEMA if kind == "no-show" else None)


def _analyst(session: Session, by: UUID) -> Account:
    return require(session.get(Account, by), Permission.CHANGE_POLICIES)


def _record(session: Session, core: Core, who: Account, action: str, version: int, details: Json) -> None:
    audit.append(
        session,
        at=core.clock.now(),
        actor=who.username,
        account_id=who.id,
        action=action,
        subject=str(version),
        details=details,
    )
