"""Answers are kept page by page as they come, each checked; the whole form is checked once more when it is sent."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from booking.base.errors import IllegalMoveError, InvalidInputError
from booking.core.core import Core
from booking.models import OnlineCase
from booking.models.online.states import IN_OWN_HANDS, OnlineState
from booking.online.form import CaseForm, form_with, part_of
from booking.online.rows import OwnCase, own_case_and_file, read_answers_of, seal_answers
from booking.packs.answers import Answer, check_answers, read_answers


def keep_part(core: Core, *, account_id: UUID, reference: str, code: str, typed: Mapping[str, str]) -> CaseForm:
    """Keep what was typed for the part of the form with the question ``code``; return the form as it is then.

    An empty answer to what need not be answered takes the old one away.

    Raises
    ------
    InvalidInputError
        By the question's code, with the reason, for all that do not fit. Nothing is kept then.
    NotFoundError
        The account has no such case, or its form no such question.
    IllegalMoveError
        The case is with the agency, or over: it cannot be changed now.
    """
    with core.sessions.by_themselves() as session:
        own = own_case_and_file(session, core, account_id, reference, lock=False)
        form = _answered(core, own, code, typed)
        if _keep(session, core, own.case, form.answers):
            return form
    with core.sessions.begin() as session:  # something else was kept since it was read: now nothing can be
        own = own_case_and_file(session, core, account_id, reference, lock=True)
        form = _answered(core, own, code, typed)
        _keep(session, core, own.case, form.answers)
        return form


def keep_answers(core: Core, *, account_id: UUID, reference: str, answers: Mapping[str, Answer]) -> None:
    """Keep several answers in the types of the form, for programs; those that it does not name stay.

    Raises
    ------
    InvalidInputError
        By the question's code; all are listed, questions that the form does not have too. Nothing is kept then.
    NotFoundError
        The account has no such case.
    IllegalMoveError
        The case is with the agency, or over: it cannot be changed now.
    """
    with core.sessions.begin() as session:
        own = own_case_and_file(session, core, account_id, reference, lock=True)
        case = _changeable(own.case)
        asked = [one for one in own.spec.fields if one.code in answers]
        wrong = check_answers(asked, answers, today=core.today())
        if wrong:
            raise InvalidInputError(wrong)
        _keep(session, core, case, read_answers_of(core.vault, case) | dict(answers))


def _answered(core: Core, own: OwnCase, code: str, typed: Mapping[str, str]) -> CaseForm:
    """Return the form as it is with what was typed for the part with a question; raises as `keep_part`."""
    answers = read_answers_of(core.vault, _changeable(own.case))
    asked = own.spec.parts[part_of(own.spec, code)]
    read = read_answers(asked, {one.code: typed.get(one.code, "") for one in asked})
    wrong = check_answers(asked, read, today=core.today())
    if wrong:
        raise InvalidInputError(wrong)
    here = {field.code for field in asked}
    return form_with(core, own, {one: answer for one, answer in answers.items() if one not in here} | read)


def _changeable(case: OnlineCase) -> OnlineCase:
    if case.state not in IN_OWN_HANDS:
        raise IllegalMoveError(case.state, OnlineState.DRAFT)
    return case


def _keep(session: Session, core: Core, case: OnlineCase, answers: Mapping[str, Answer]) -> bool:
    """Keep answers in the place of those that were read; False where others are there, or the case was sent."""
    new = {"sealed": seal_answers(core.vault, case.id, answers), "now": core.clock.now()}
    return session.scalar(_KEEP, {"case_id": case.id, "read": case.answers, **new}) is not None


_KEEP: Final = (
    update(OnlineCase)
    .where(
        OnlineCase.id == bindparam("case_id"),
        OnlineCase.answers == bindparam("read"),  # sealed anew each time: no two are the same
        OnlineCase.state.in_(sorted(IN_OWN_HANDS)),
    )
    .values(answers=bindparam("sealed"), changed_at=bindparam("now"))
    .returning(OnlineCase.id)
    .execution_options(synchronize_session=False)
)
