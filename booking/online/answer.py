"""Answers are kept page by page as they come, each checked; the whole form is checked once more when it is sent."""

from collections.abc import Mapping
from uuid import UUID

from booking.base.errors import IllegalMoveError, InvalidInputError
from booking.core.core import Core
from booking.models import OnlineCase
from booking.models.online.states import IN_OWN_HANDS, OnlineState
from booking.online.rows import case_spec, own_case, read_answers_of, seal_answers
from booking.packs.answers import Answer, check_answers, read_answers


def keep_typed(core: Core, *, account_id: UUID, reference: str, typed: Mapping[str, str]) -> None:
    """Keep what was typed for some questions; an empty answer to what need not be answered takes the old one away.

    Raises
    ------
    InvalidInputError
        By the question's code, with the reason, for all that do not fit. Nothing is kept then.
    NotFoundError
        The account has no such case.
    IllegalMoveError
        The case is with the agency, or over: it cannot be changed now.
    """
    with core.sessions.begin() as session:
        case = _changeable(own_case(session, account_id, reference))
        asked = [one for one in case_spec(case).fields if one.code in typed]
        read = read_answers(asked, typed)
        wrong = check_answers(asked, read, today=core.today())
        if wrong:
            raise InvalidInputError(wrong)
        kept = read_answers_of(core.vault, case)
        _keep(core, case, {code: answer for code, answer in kept.items() if code not in typed} | read)


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
