"""Answers are kept page by page as they come, each checked; the whole form is checked once more when it is sent."""

from collections.abc import Mapping
from uuid import UUID

from booking.base.errors import IllegalMoveError, InvalidInputError
from booking.core.core import Core
from booking.models import OnlineCase
from booking.models.online.states import IN_OWN_HANDS, OnlineState
from booking.online.form import CaseForm, form_of
from booking.online.rows import case_spec, own_case, own_case_and_person, read_answers_of, seal_answers
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
    with core.sessions.begin() as session:
        case, person = own_case_and_person(session, account_id, reference, lock=True)
        form = form_of(core, _changeable(case), person)
        asked = form.parts[form.part_of(code)]
        read = read_answers(asked, {one.code: typed.get(one.code, "") for one in asked})
        wrong = check_answers(asked, read, today=core.today())
        if wrong:
            raise InvalidInputError(wrong)
        others = {one: answer for one, answer in form.answers.items() if one not in {field.code for field in asked}}
        _keep(core, case, others | read)
        return form_of(core, case, person)


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
        case = _changeable(own_case(session, account_id, reference))
        fields = case_spec(case).fields
        asked = [one for one in fields if one.code in answers]
        wrong = check_answers(asked, answers, today=core.today())
        if wrong:
            raise InvalidInputError(wrong)
        _keep(core, case, read_answers_of(core.vault, case) | dict(answers))


def _changeable(case: OnlineCase) -> OnlineCase:
    if case.state not in IN_OWN_HANDS:
        raise IllegalMoveError(case.state, OnlineState.DRAFT)
    return case


def _keep(core: Core, case: OnlineCase, answers: Mapping[str, Answer]) -> None:
    case.answers = seal_answers(core.vault, case.id, answers)
    case.changed_at = core.clock.now()
