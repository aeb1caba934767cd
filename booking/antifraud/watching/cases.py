"""Questions about approvals: who is asked, what they read, and their answer. Never those whom a question concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking.antifraud.linking.decide import close_case
from booking.antifraud.watching.limits import By
from booking.antifraud.watching.views import watcher
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import refuse_own_review_case
from booking.platform.base import fields
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.models import Account, Office, ReviewCase
from booking.platform.models.requests.case import WATCH_KINDS, CaseKind, CaseState

MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A case about approvals with the names that its reader may know.

    ``who`` is the user name of the officer or helper, or the code of the office or reason, that it is about; empty for
    papers. ``office`` is whose supervisors are asked, None for those who watch every office.
    """

    case: ReviewCase
    who: str
    office: Office | None
    decided_by: str


def list_questions(core: Core, *, officer_id: UUID) -> Sequence[Question]:
    """List the open questions that an account may answer, oldest first; raises ForbiddenError."""
    with core.sessions() as session:
        _, office = watcher(session, officer_id)
        cases = session.scalars(
            select(ReviewCase)
            .where(ReviewCase.state == CaseState.OPEN, asked(officer_id, None if office is None else office.id))
            .order_by(ReviewCase.opened_at, ReviewCase.reference)
            .limit(MOST_ROWS)
        )
        return [_question(session, case) for case in cases]


def look_at_question(core: Core, *, officer_id: UUID, reference: str) -> Question:
    """Return one question, open or answered; the look is in the audit log.

    Raises
    ------
    ForbiddenError
        The account watches no approvals, or not those of this office.
    OwnCaseError
        The question concerns the officer, or somebody of their household or phone.
    NotFoundError
        There is no such question.
    """
    with core.sessions.begin() as session:
        officer, case = _case_for(session, officer_id, reference)
        audit.record(session, core, officer, "case.looked_at", reference, kind=case.kind.value)
        return _question(session, case)


def answer(core: Core, *, officer_id: UUID, reference: str, revision: int, decision: str, note: str) -> None:
    """Answer a question, with a note; of two people at once the first answers.

    Raises
    ------
    ForbiddenError
        The account watches no approvals, or not those of this office.
    OwnCaseError
        The question concerns the officer, or somebody of their household or phone.
    NotFoundError
        There is no such question.
    InvalidInputError
        There is no note, or one that is too long; or a question has no such answer.
    CaseClosedError
        Somebody answered it before.
    CaseChangedError
        It grew since it was read.
    """
    note = fields.words("note", note)
    with core.sessions.begin() as session:
        officer, case = _case_for(session, officer_id, reference)
        close_case(session, core, case, officer_id=officer_id, revision=revision, decision=decision, note=note)
        audit.record(session, core, officer, f"case.{decision}", reference, note=note, kind=case.kind.value)


def asked(officer_id: UUID, office_id: int | None) -> ColumnElement[bool]:
    """Return the condition that a case is a question to someone who watches an office (None: every office)."""
    mine = ReviewCase.kind.in_(WATCH_KINDS) & ~ReviewCase.concerns.contains([officer_id])
    return mine if office_id is None else mine & (ReviewCase.office_id == office_id)


def _case_for(session: Session, officer_id: UUID, reference: str) -> tuple[Account, ReviewCase]:
    officer, office = watcher(session, officer_id)
    case = session.scalar(select(ReviewCase).where(ReviewCase.reference == reference, ReviewCase.kind.in_(WATCH_KINDS)))
    if case is None:
        raise NotFoundError
    if office is not None and case.office_id != office.id:
        raise ForbiddenError
    refuse_own_review_case(session, officer_id, case)
    return officer, case


def _question(session: Session, case: ReviewCase) -> Question:
    account = None
    if case.kind is CaseKind.LINKED or case.evidence.get("by") == By.OFFICER:
        account = case.concerns[0]
    elif case.evidence.get("by") == By.HELPER:
        account = case.subjects[0]
    name = session.scalar(select(Account.username).where(Account.id == account)) if account else None
    return Question(
        case=case,
        who=name or case.evidence.get("of", ""),
        office=session.get(Office, case.office_id) if case.office_id is not None else None,
        decided_by=session.scalar(select(Account.username).where(Account.id == case.officer_id)) or "",
    )
