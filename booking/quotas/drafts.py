"""Drafts of quota policies: begun from a version, changed row by row, by several analysts, dropped."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.base.errors import FieldError, InvalidInputError, NotFoundError, PolicyMissingError
from booking.core import audit
from booking.core.core import Core
from booking.core.permissions import Permission, require
from booking.models import Account, QuotaDraft, QuotaPolicy
from booking.models.policies.quota import QuotaDraftState
from booking.policy.quota_table import Level, Quota, QuotaTable, Scope, Unit
from booking.quotas.errors import DraftChangedError, DraftClosedError

LONGEST_TITLE = 120


def begin(core: Core, *, title: str, by: UUID, table: QuotaTable | None = None, base: int | None = None) -> UUID:
    """Begin a draft from a version (``base``; the active one), or from a table that was worked out; return its id.

    Raises
    ------
    InvalidInputError
        The title is empty or too long.
    NotFoundError, PolicyMissingError, ForbiddenError
        There is no such version; none is active; ``by`` is no analyst.
    """
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInputError([FieldError("title", "missing" if not title else "too_long")])
    with core.sessions.begin() as session:
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        wanted = QuotaPolicy.active if base is None else QuotaPolicy.version == base
        origin = session.scalar(select(QuotaPolicy).where(wanted))
        if origin is None:
            raise PolicyMissingError if base is None else NotFoundError
        shares, overrides = (table or QuotaTable.read(origin.shares, origin.overrides)).stored()
        now = core.clock.now()
        draft = QuotaDraft(
            title=title,
            state=QuotaDraftState.OPEN,
            revision=1,
            based_on=origin.version,
            shares=shares,
            overrides=overrides,
            created_at=now,
            created_by=by,
            changed_at=now,
            changed_by=by,
        )
        session.add(draft)
        session.flush()
        _record(session, core, analyst, "quotas.draft_begun", draft)
        return draft.id


def set_row(core: Core, *, draft_id: UUID, revision: int, scope: Scope, quota: Quota | None, by: UUID) -> int:
    """Set one row of a draft, or (None) let it inherit again; return the draft's new revision.

    Raises
    ------
    InvalidInputError
        The row of a kind of office for every day, from which all others inherit, would be gone or count places.
    DraftChangedError
        Somebody saved the draft since ``revision`` was read; nothing has changed.
    DraftClosedError, NotFoundError, ForbiddenError
        It was proposed or dropped; there is no such draft; ``by`` is no analyst.
    """
    if scope.level is Level.KIND and scope.weekday is None and (quota is None or quota.unit is not Unit.SHARES):
        raise InvalidInputError([FieldError("unit", "kind_needs_shares")])
    with core.sessions.begin() as session:
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        draft = session.get(QuotaDraft, draft_id)
        if draft is None:
            raise NotFoundError
        table = QuotaTable.read(draft.shares, draft.overrides).with_row(scope, quota)
        _save(session, core, draft, revision, analyst, table, state=QuotaDraftState.OPEN)
        _record(session, core, analyst, "quotas.draft_changed", draft, row=str(scope))
        return revision + 1


def drop(core: Core, *, draft_id: UUID, revision: int, by: UUID) -> None:
    """Give a draft up; raises as `set_row`."""
    with core.sessions.begin() as session:
        analyst = require(session.get(Account, by), Permission.CHANGE_POLICIES)
        draft = session.get(QuotaDraft, draft_id)
        if draft is None:
            raise NotFoundError
        table = QuotaTable.read(draft.shares, draft.overrides)
        _save(session, core, draft, revision, analyst, table, state=QuotaDraftState.DROPPED)
        _record(session, core, analyst, "quotas.draft_dropped", draft)


def _save(
    session: Session,
    core: Core,
    draft: QuotaDraft,
    revision: int,
    analyst: Account,
    table: QuotaTable,
    *,
    state: QuotaDraftState,
) -> None:
    """Write by one conditional statement: of two who read the same revision, one saves."""
    shares, overrides = table.stored()
    saved = session.execute(
        update(QuotaDraft)
        .where(QuotaDraft.id == draft.id, QuotaDraft.revision == revision, QuotaDraft.state == QuotaDraftState.OPEN)
        .values(
            revision=revision + 1,
            state=state,
            shares=shares,
            overrides=overrides,
            changed_at=core.clock.now(),
            changed_by=analyst.id,
        )
        .returning(QuotaDraft.revision)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if saved is None:
        session.refresh(draft)
        if draft.state is not QuotaDraftState.OPEN:
            raise DraftClosedError
        raise DraftChangedError(draft.revision)


def _record(session: Session, core: Core, who: Account, action: str, draft: QuotaDraft, **details: str) -> None:
    audit.append(
        session,
        at=core.clock.now(),
        actor=who.username,
        account_id=who.id,
        action=action,
        subject=str(draft.id),
        details={"title": draft.title, **details},
    )
