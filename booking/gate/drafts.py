"""Drafts of rules: analysts write them together, faulty or not, and propose them when they are sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from booking.base.errors import FieldError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.core import audit
from booking.core.core import Core
from booking.core.permissions import Permission, require
from booking.gate.errors import DraftChangedError
from booking.gate.studies import ask_evidence_in
from booking.gate.versions import propose
from booking.models import Account, RuleDraft, RuleSetVersion
from booking.models.base import Json
from fraud.rules.faults import find_faults
from fraud.rules.rule_set import MAX_TEXT_BYTES, parse_rules

LONGEST_TITLE: Final = 80


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with the user names of who began it and who saved it last."""

    row: RuleDraft
    author: str
    saved_by: str


def begin_draft(core: Core, *, by: UUID, title: str, based_on: int | None = None) -> UUID:
    """Begin a draft with the text of a version, or empty; return its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InvalidInputError
        ``by`` is no analyst; there is no such version; the title is missing or too long.
    """
    with core.sessions.begin() as session:
        analyst = _analyst(session, by)
        source = ""
        if based_on is not None:
            version = session.get(RuleSetVersion, based_on)
            if version is None:
                raise NotFoundError
            source = version.source
        now = core.clock.now()
        draft = RuleDraft(
            title=_title(title),
            source=source,
            revision=1,
            based_on=based_on,
            created_at=now,
            created_by=by,
            saved_at=now,
            saved_by=by,
        )
        session.add(draft)
        session.flush()
        _record(session, core, analyst, "rules.draft_begun", draft, {"based_on": based_on})
        return draft.id


def save_draft(core: Core, *, by: UUID, draft_id: UUID, revision: int, title: str, source: str) -> int:
    """Keep what was typed, faulty or not, where nobody saved since ``revision`` was read; return the new revision.

    Raises
    ------
    DraftChangedError
        A colleague saved meanwhile; their text stays.
    ForbiddenError, NotFoundError, IllegalMoveError, InvalidInputError
        ``by`` is no analyst; unknown; proposed already; the title is missing, or the text is longer than any rule set.
    """
    with core.sessions.begin() as session:
        return _save(session, core, by=by, draft_id=draft_id, revision=revision, title=title, source=source)[0].revision


def propose_draft(core: Core, *, by: UUID, draft_id: UUID, revision: int, title: str, source: str, reason: str) -> int:
    """Save a draft and propose it as a version, in one transaction; return the version.

    The backtests of this very text stay with it; where there is none, a job is asked for one.

    Raises
    ------
    InvalidInputError
        The text has faults, or there is no reason; nothing is saved.
    DraftChangedError, ForbiddenError, NotFoundError, IllegalMoveError
        As for `save_draft`.
    """
    errors = [FieldError("source", "faulty_rules")] if find_faults(source) else []
    if not reason.strip():
        errors.append(FieldError("reason", "missing"))
    if errors:
        raise InvalidInputError(errors)
    with core.sessions.begin() as session:
        draft, analyst = _save(session, core, by=by, draft_id=draft_id, revision=revision, title=title, source=source)
        details: Json = {"rules": parse_rules(source).version, "draft": str(draft.id)}
        row = RuleSetVersion(source=source)
        version = propose(session, core, row, by=by, kind="rules", details=details, reason=reason.strip())
        session.flush()
        draft.proposed_as = version
        ask_evidence_in(session, core, row=row, analyst=analyst)
        return version


def drop_draft(core: Core, *, by: UUID, draft_id: UUID, revision: int) -> None:
    """Throw a draft away that was never proposed; raises as `save_draft`."""
    with core.sessions.begin() as session:
        analyst = _analyst(session, by)
        draft = _locked(session, draft_id, revision)
        _record(session, core, analyst, "rules.draft_dropped", draft, {})
        session.delete(draft)


def read_draft(core: Core, draft_id: UUID) -> DraftView:
    """Return a draft; raises NotFoundError."""
    found = _views(core, RuleDraft.id == draft_id)
    if not found:
        raise NotFoundError
    return found[0]


def list_drafts(core: Core) -> Sequence[DraftView]:
    """List the drafts that are not proposed yet, the last saved first."""
    return _views(core, RuleDraft.proposed_as.is_(None))


def _views(core: Core, *where: object) -> list[DraftView]:
    author, saver = aliased(Account), aliased(Account)
    with core.sessions() as session:
        found = session.execute(
            select(RuleDraft, author.username, saver.username)
            .join(author, author.id == RuleDraft.created_by)
            .join(saver, saver.id == RuleDraft.saved_by)
            .where(*where)  # type: ignore[arg-type] # conditions of SQLAlchemy
            .order_by(RuleDraft.saved_at.desc())
            .limit(100)
        )
        return [DraftView(*row) for row in found]


def _save(
    session: Session, core: Core, *, by: UUID, draft_id: UUID, revision: int, title: str, source: str
) -> tuple[RuleDraft, Account]:
    analyst = _analyst(session, by)
    draft = _locked(session, draft_id, revision)
    if len(source.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise InvalidInputError([FieldError("source", "too_long")])
    draft.title, draft.source = _title(title), source
    draft.revision += 1
    draft.saved_at, draft.saved_by = core.clock.now(), by
    _record(session, core, analyst, "rules.draft_saved", draft, {"revision": draft.revision})
    return draft, analyst


def _locked(session: Session, draft_id: UUID, revision: int) -> RuleDraft:
    draft = session.scalar(select(RuleDraft).where(RuleDraft.id == draft_id).with_for_update())
    if draft is None:
        raise NotFoundError
    if draft.proposed_as is not None:
        raise IllegalMoveError("proposed", "draft")
    if draft.revision != revision:
        raise DraftChangedError
    return draft


def _title(title: str) -> str:
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInputError([FieldError("title", "too_long" if title else "missing")])
    return title


def _analyst(session: Session, by: UUID) -> Account:
    return require(session.get(Account, by), Permission.CHANGE_POLICIES)


def _record(session: Session, core: Core, who: Account, action: str, draft: RuleDraft, details: Json) -> None:
    audit.append(
        session,
        at=core.clock.now(),
        actor=who.username,
        account_id=who.id,
        action=action,
        subject=str(draft.id),
        details={"title": draft.title, **details},
    )
