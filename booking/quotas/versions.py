"""Quota policies: one analyst proposes, another one activates, any earlier one can come back; all on the record.

Each is one transaction: the version changes, and with it the places of the coming days (`booking.quotas.resplit`).
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.base.errors import NotFoundError, PolicyMissingError, SecondPersonNeededError
from booking.core import audit
from booking.core.core import Core
from booking.core.permissions import Permission, require
from booking.gate.version_rows import change_versions
from booking.models import Account, QuotaDraft, QuotaPolicy, VersionStep
from booking.models.base import Json
from booking.models.policies.quota import QuotaDraftState
from booking.models.requests.states import RULES_MOVES, VersionState, checked_move
from booking.policy.quota_table import QuotaTable
from booking.quotas.errors import DraftChangedError, DraftClosedError, NothingChangedError
from booking.quotas.resplit import Resplit, resplit

KIND: Final = "quotas"
"""The kind of version in `booking.models.VersionStep`."""


@dataclass(frozen=True, slots=True)
class Activated:
    """A quota policy that now decides, and what it did to the coming days."""

    version: int
    resplit: Resplit


def propose(core: Core, *, draft_id: UUID, revision: int, by: UUID, reason: str = "") -> int:
    """Keep a draft as the next version, which another analyst can activate; return the version.

    Raises
    ------
    DraftChangedError
        Somebody saved the draft since ``revision`` was read.
    DraftClosedError, NothingChangedError
        It was proposed or dropped already; it says what the active policy says.
    NotFoundError, ForbiddenError, PolicyMissingError
        There is no such draft; ``by`` is no analyst; no quota policy is active.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        draft = session.scalar(select(QuotaDraft).where(QuotaDraft.id == draft_id).with_for_update())
        active = session.scalar(select(QuotaPolicy).where(QuotaPolicy.active))
        if draft is None:
            raise NotFoundError
        if active is None:
            raise PolicyMissingError
        if draft.state is not QuotaDraftState.OPEN:
            raise DraftClosedError
        if draft.revision != revision:
            raise DraftChangedError(draft.revision)
        if QuotaTable.read(draft.shares, draft.overrides) == QuotaTable.read(active.shares, active.overrides):
            raise NothingChangedError
        row = QuotaPolicy(
            version=(session.scalar(select(func.max(QuotaPolicy.version))) or 0) + 1,
            state=VersionState.DRAFT,
            active=False,
            bootstrap=False,
            shares=draft.shares,
            overrides=draft.overrides,
            limits=active.limits,
            created_at=core.clock.now(),
            created_by=by,
        )
        session.add(row)
        session.flush()
        draft.state, draft.proposed_as = QuotaDraftState.PROPOSED, row.version
        _record(session, core, analyst, "proposed", row.version, reason, {"draft": draft.title})
        return row.version


def activate(core: Core, *, version: int, by: UUID, keep_taken: bool = False, reason: str = "") -> Activated:
    """Make a proposed quota policy decide, and split the coming days by it.

    Parameters
    ----------
    keep_taken
        Where more places of a pool are taken than the policy leaves: leave it those, and split the rest.

    Raises
    ------
    SecondPersonNeededError
        ``by`` proposed this version.
    StrandedPlacesError, DrawUnderWayError
        Places are taken that the policy would not leave; a closed draw counts on the places as they are.
    NotFoundError, ForbiddenError
        There is no such version, or it was active before (then it comes back by a rollback); ``by`` is no analyst.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        row = session.get(QuotaPolicy, version)
        if row is None or row.state is VersionState.RETIRED:
            raise NotFoundError
        return _activate(session, core, row, analyst, step="activated", keep_taken=keep_taken, reason=reason)


def reject(core: Core, *, version: int, by: UUID, reason: str = "") -> None:
    """Retire a proposed version that was never active; raises NotFoundError where it is none, ForbiddenError."""
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        row = session.get(QuotaPolicy, version)
        if row is None or row.state is not VersionState.DRAFT:
            raise NotFoundError
        row.state = checked_move(RULES_MOVES, row.state, VersionState.RETIRED)
        _record(session, core, analyst, "retired", version, reason, {})


def roll_back(core: Core, *, by: UUID, to: int | None = None, keep_taken: bool = False, reason: str = "") -> Activated:
    """Give a policy that was active before its place back, with its limits, and split the coming days by it.

    By default the one that became active first just before the active one did. ``by`` must not have proposed it.

    Raises
    ------
    NotFoundError
        Nothing, or not ``to``, was active before.
    SecondPersonNeededError, StrandedPlacesError, DrawUnderWayError, ForbiddenError
        As for `activate`.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        row = before(session, to)
        if row is None:
            raise NotFoundError
        return _activate(session, core, row, analyst, step="rolled_back", keep_taken=keep_taken, reason=reason)


def before(session: Session, to: int | None = None) -> QuotaPolicy | None:
    """Find the policy that a rollback brings back: ``to``, or the one before the active one; None where there is none.

    Those that were active stand in the order of their first activation, and where that is the same, of their numbers.
    """
    active = session.scalar(select(QuotaPolicy).where(QuotaPolicy.active))
    were = session.scalars(
        select(QuotaPolicy)
        .where(QuotaPolicy.state == VersionState.RETIRED, QuotaPolicy.activated_at.is_not(None))
        .order_by(QuotaPolicy.activated_at.desc(), QuotaPolicy.version.desc())
    )
    for row in were:
        if to is not None:
            if row.version == to:
                return row
        elif active is None or _since(row) < _since(active):
            return row
    return None


def _since(row: QuotaPolicy) -> tuple[float, int]:
    return (row.activated_at.timestamp() if row.activated_at else 0.0, row.version)


def _activate(
    session: Session, core: Core, row: QuotaPolicy, analyst: Account, *, step: str, keep_taken: bool, reason: str
) -> Activated:
    checked_move(RULES_MOVES, row.state, VersionState.ACTIVE)
    if row.created_by == analyst.id:
        raise SecondPersonNeededError
    before_it = session.scalar(select(QuotaPolicy).where(QuotaPolicy.active))
    if before_it is not None:
        before_it.state, before_it.active = VersionState.RETIRED, False
        session.flush()
    if row.activated_at is None:  # a rollback keeps its place in the order; the log has who rolled back
        row.activated_at, row.activated_by = core.clock.now(), analyst.id
        row.limits = row.limits if before_it is None else before_it.limits
    row.state, row.active = VersionState.ACTIVE, True
    session.flush()
    done = resplit(session, core, row, keep=keep_taken)
    details: Json = {
        "before": None if before_it is None else before_it.version,
        "proposed_by": str(row.created_by or ""),
        "office_days": done.office_days,
        "units": done.units,
        "kept": len(done.kept),
    }
    _record(session, core, analyst, step, row.version, reason, details)
    return Activated(row.version, done)


def _record(session: Session, core: Core, who: Account, step: str, version: int, reason: str, details: Json) -> None:
    """Keep a step and its reason where analysts read them, and in the audit log."""
    at = core.clock.now()
    session.add(VersionStep(kind=KIND, version=version, step=step, at=at, account_id=who.id, reason=reason))
    audit.append(
        session,
        at=at,
        actor=who.username,
        account_id=who.id,
        action=f"quotas.{step}",
        subject=str(version),
        details={**details, "reason": reason},
    )
