"""Drafts of rules: analysts write them together, faulty or not, and propose them when they are sound."""

from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.antifraud.gate.errors import DraftChangedError
from booking.antifraud.gate.versions import RULES
from booking.country.core.core import Core
from booking.country.versions.drafts import DraftKind, analyst_in, keep_in, open_in, record_in, saved_in, title_of
from booking.country.versions.steps import change_versions, propose_in
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models import RuleDraft, RuleSetVersion
from fraud.rules.rule_set import MAX_TEXT_BYTES, find_faults, parse_rules

RULE_DRAFTS: Final = DraftKind(
    "rules",
    RuleDraft,
    longest_title=80,
    is_open=RuleDraft.proposed_as.is_(None),
    closed=partial(IllegalMoveError, "proposed", "draft"),
    changed=DraftChangedError,
)


def begin_draft(core: Core, *, by: UUID, title: str, based_on: int | None = None) -> UUID:
    """Begin a draft with the text of a version, or empty; return its id.

    Raises
    ------
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such version.
    InvalidInputError
        The title is missing or too long.
    """
    with core.sessions.begin() as session:
        analyst = analyst_in(session, RULE_DRAFTS, by)
        version = None if based_on is None else session.get(RuleSetVersion, based_on)
        if version is None and based_on is not None:
            raise NotFoundError
        source = "" if version is None else version.source
        draft = RuleDraft(title=title_of(RULE_DRAFTS, title), source=source, based_on=based_on)
        return keep_in(session, core, RULE_DRAFTS, draft, by=analyst, based_on=based_on)


def save_draft(core: Core, *, by: UUID, draft_id: UUID, revision: int, title: str, source: str) -> int:
    """Keep what was typed, faulty or not, where nobody saved since ``revision`` was read; return the new revision.

    Raises
    ------
    DraftChangedError
        A colleague saved meanwhile; their text stays.
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such draft.
    IllegalMoveError
        The draft was proposed.
    InvalidInputError
        The title is missing or too long; the text is longer than any rule set.
    """
    with core.sessions.begin() as session:
        return _save(session, core, by=by, draft_id=draft_id, revision=revision, title=title, source=source).revision


def propose_draft(core: Core, *, by: UUID, draft_id: UUID, revision: int, title: str, source: str, reason: str) -> int:
    """Save a draft and propose it as a version, in one transaction; return the version.

    The backtests of this very text stay with it; where there is none, a job is asked for one.

    Raises
    ------
    InvalidInputError
        The text has faults or is longer than any rule set, the title is missing or too long, or there is no reason;
        nothing is saved.
    DraftChangedError
        A colleague saved meanwhile; their text stays.
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such draft.
    IllegalMoveError
        The draft was proposed before.
    """
    errors = [FieldError("source", "faulty_rules")] if find_faults(source) else []
    if not reason.strip():
        errors.append(FieldError("reason", "missing"))
    if errors:
        raise InvalidInputError(errors)
    with core.sessions.begin() as session:
        change_versions(session)  # before the audit log's own lock, as in every step of a version
        draft = _save(session, core, by=by, draft_id=draft_id, revision=revision, title=title, source=source)
        details = {"rules": parse_rules(source).version, "draft": str(draft.id)}
        row = RuleSetVersion(source=source)
        draft.proposed_as = propose_in(session, core, RULES, row, by=by, details=details, reason=reason.strip())
        return draft.proposed_as


def drop_draft(core: Core, *, by: UUID, draft_id: UUID, revision: int) -> None:
    """Throw a draft away that was never proposed.

    Raises
    ------
    DraftChangedError
        A colleague saved the draft since ``revision`` was read.
    ForbiddenError
        ``by`` is not an analyst.
    NotFoundError
        There is no such draft.
    IllegalMoveError
        The draft was proposed.
    """
    with core.sessions.begin() as session:
        analyst = analyst_in(session, RULE_DRAFTS, by)
        draft = open_in(session, RULE_DRAFTS, draft_id, revision)
        record_in(session, core, RULE_DRAFTS, draft, "dropped", by=analyst)
        session.delete(draft)


def _save(
    session: Session, core: Core, *, by: UUID, draft_id: UUID, revision: int, title: str, source: str
) -> RuleDraft:
    analyst = analyst_in(session, RULE_DRAFTS, by)
    draft = open_in(session, RULE_DRAFTS, draft_id, revision)
    if len(source.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise InvalidInputError([FieldError("source", "too_long")])
    draft.title, draft.source = title_of(RULE_DRAFTS, title), source
    saved_in(session, core, RULE_DRAFTS, draft, "saved", by=analyst, revision=revision + 1)
    return draft
