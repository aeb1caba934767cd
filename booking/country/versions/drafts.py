"""Drafts of what may become a version: analysts write them together, and nobody overwrites a colleague unseen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError, NotFoundError
from booking.platform.models import Account
from booking.platform.models.policies.policy import Draft

Row = TypeVar("Row", bound=Draft)
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class DraftKind(Generic[Row]):
    """A kind of draft.

    Attributes
    ----------
    name
        The audit log has ``<name>.draft_begun`` and the like.
    model, longest_title
        The table of its drafts, and how long a title may be.
    is_open
        The condition for a draft that analysts still write.
    closed, changed
        What to raise where a draft is not open, and where it has another revision than was read: this one.
    permission
        What an account needs to write drafts.
    """

    name: str
    model: type[Row]
    longest_title: int
    is_open: ColumnElement[bool]
    closed: Callable[[], MawidError]
    changed: Callable[[int], MawidError]
    permission: Permission = Permission.CHANGE_POLICIES


@dataclass(frozen=True, slots=True)
class DraftView(Generic[Row]):
    """A draft with the user names of who began it and who saved it last."""

    row: Row
    author: str
    saved_by: str


def title_of(kind: DraftKind[Any], typed: str) -> str:
    """Read a draft's title; raises InvalidInputError where it is missing or too long."""
    title = typed.strip()
    if not title or len(title) > kind.longest_title:
        raise InvalidInputError([FieldError("title", "too_long" if title else "missing")])
    return title


def keep_in(session: Session, core: Core, kind: DraftKind[Row], draft: Row, *, by: Account, **details: object) -> UUID:
    """Keep a new draft at its first revision; return its id."""
    draft.revision = 1
    draft.created_at = draft.saved_at = core.clock.now()
    draft.created_by = draft.saved_by = by.id
    session.add(draft)
    session.flush()
    record_in(session, core, kind, draft, "begun", by=by, **details)
    return draft.id


def analyst_in(session: Session, kind: DraftKind[Any], by: UUID) -> Account:
    """Return the account of who writes; raises ForbiddenError where they may not."""
    return require(session.get(Account, by), kind.permission)


def open_in(session: Session, kind: DraftKind[Row], draft_id: UUID, revision: int) -> Row:
    """Lock a draft that is still written and that nobody saved since ``revision`` was read.

    Raises
    ------
    NotFoundError
        There is no such draft.
    MawidError
        It is closed, or somebody saved it meanwhile: as the kind names these errors.
    """
    found = session.execute(
        select(kind.model, kind.is_open).where(kind.model.id == draft_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFoundError
    draft, is_open = found
    if not is_open:
        raise kind.closed()
    if draft.revision != revision:
        raise kind.changed(draft.revision)
    return draft


def saved_in(
    session: Session, core: Core, kind: DraftKind[Row], draft: Row, step: str, *, by: Account, **details: object
) -> None:
    """Count one more revision of a draft that `open_in` gave, and record the step."""
    draft.revision += 1
    draft.saved_at, draft.saved_by = core.clock.now(), by.id
    record_in(session, core, kind, draft, step, by=by, **details)


def record_in(
    session: Session, core: Core, kind: DraftKind[Row], draft: Row, step: str, *, by: Account, **details: object
) -> None:
    """Append a step of a draft to the audit log."""
    audit.record(session, core, by, f"{kind.name}.draft_{step}", str(draft.id), title=draft.title, **details)


def read_draft(core: Core, kind: DraftKind[Row], draft_id: UUID) -> DraftView[Row]:
    """Return a draft; raises NotFoundError."""
    found = _views(core, kind, kind.model.id == draft_id)
    if not found:
        raise NotFoundError
    return found[0]


def list_drafts(core: Core, kind: DraftKind[Row]) -> list[DraftView[Row]]:
    """List the drafts that are still written, the last saved first."""
    return _views(core, kind, kind.is_open)


def _views(core: Core, kind: DraftKind[Row], wanted: ColumnElement[bool]) -> list[DraftView[Row]]:
    model, author, saver = kind.model, aliased(Account), aliased(Account)
    with core.sessions() as session:
        found = session.execute(
            select(model, author.username, saver.username)
            .join(author, author.id == model.created_by)
            .join(saver, saver.id == model.saved_by)
            .where(wanted)
            .order_by(model.saved_at.desc())
            .limit(MOST_LISTED)
        )
        return [DraftView(*row) for row in found]
