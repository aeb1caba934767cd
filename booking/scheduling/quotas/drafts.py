"""Drafts of quota policies: begun from a version, changed row by row, by several analysts, dropped."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.policy.limits import active_policy
from booking.country.policy.quota_table import Level, Quota, QuotaTable, Scope, Unit
from booking.country.versions.drafts import DraftKind, analyst_in, keep_in, open_in, saved_in, title_of
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import QuotaDraft, QuotaPolicy
from booking.platform.models.policies.policy import QuotaDraftState
from booking.scheduling.quotas.errors import DraftChangedError, DraftClosedError

QUOTA_DRAFTS: Final = DraftKind(
    "quotas",
    QuotaDraft,
    longest_title=120,
    is_open=QuotaDraft.state == QuotaDraftState.OPEN,
    closed=DraftClosedError,
    changed=DraftChangedError,
)


def begin(core: Core, *, title: str, by: UUID, table: QuotaTable | None = None, base: int | None = None) -> UUID:
    """Begin a draft from a version (``base``; the active one), or from a table that was worked out; return its id.

    Raises
    ------
    InvalidInputError
        The title is empty or too long.
    NotFoundError
        There is no such version.
    PolicyMissingError
        No version is named, and none is active.
    ForbiddenError
        ``by`` is not an analyst.
    """
    with core.sessions.begin() as session:
        return begin_in(session, core, title=title, by=by, table=table, base=base)


def begin_in(
    session: Session, core: Core, *, title: str, by: UUID, table: QuotaTable | None = None, base: int | None = None
) -> UUID:
    """Begin a draft in the caller's transaction; see `begin` for what it raises."""
    analyst = analyst_in(session, QUOTA_DRAFTS, by)
    origin = active_policy(session) if base is None else session.get(QuotaPolicy, base)
    if origin is None:
        raise NotFoundError
    shares, overrides = (table or QuotaTable.read(origin.shares, origin.overrides)).stored()
    draft = QuotaDraft(
        title=title_of(QUOTA_DRAFTS, title),
        state=QuotaDraftState.OPEN,
        based_on=origin.version,
        shares=shares,
        overrides=overrides,
    )
    return keep_in(session, core, QUOTA_DRAFTS, draft, by=analyst)


def set_row(core: Core, *, draft_id: UUID, revision: int, scope: Scope, quota: Quota | None, by: UUID) -> int:
    """Set one row of a draft, or (None) let it inherit again; return the draft's new revision.

    Raises
    ------
    InvalidInputError
        The row of a kind of office for every day, from which all others inherit, would be gone or count places.
    DraftChangedError
        Somebody saved the draft since ``revision`` was read; nothing has changed.
    DraftClosedError
        It was proposed or dropped.
    NotFoundError
        There is no such draft.
    ForbiddenError
        ``by`` is not an analyst.
    """
    if scope.level is Level.KIND and scope.weekday is None and (quota is None or quota.unit is not Unit.SHARES):
        raise InvalidInputError([FieldError("unit", "kind_needs_shares")])
    with core.sessions.begin() as session:
        analyst = analyst_in(session, QUOTA_DRAFTS, by)
        draft = open_in(session, QUOTA_DRAFTS, draft_id, revision)
        table = QuotaTable.read(draft.shares, draft.overrides).with_row(scope, quota)
        draft.shares, draft.overrides = table.stored()
        saved_in(session, core, QUOTA_DRAFTS, draft, "changed", by=analyst, row=str(scope))
        return draft.revision


def drop(core: Core, *, draft_id: UUID, revision: int, by: UUID) -> None:
    """Drop a draft.

    Raises
    ------
    DraftChangedError
        Somebody saved the draft since ``revision`` was read; nothing has changed.
    DraftClosedError
        The draft was proposed or dropped.
    NotFoundError
        There is no such draft.
    ForbiddenError
        ``by`` is not an analyst.
    """
    with core.sessions.begin() as session:
        analyst = analyst_in(session, QUOTA_DRAFTS, by)
        draft = open_in(session, QUOTA_DRAFTS, draft_id, revision)
        draft.state = QuotaDraftState.DROPPED
        saved_in(session, core, QUOTA_DRAFTS, draft, "dropped", by=analyst)
