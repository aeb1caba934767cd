"""Answers are kept page by page as they come, each checked; the whole form is checked once more when it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, String, Uuid, bindparam, column, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.together import answer_of, one_of
from booking.country.packs.answers import Answer, check_answers, read_answers
from booking.country.packs.service import DocumentSpec, ServiceSpec
from booking.country.packs.service_form import FieldSpec
from booking.eservices.online.rows import (
    OneCase,
    OwnCase,
    own_case_and_file,
    own_cases_and_files,
    read_answers_of,
    seal_answers,
)
from booking.platform.base.arrays import any_of, table_of
from booking.platform.base.errors import IllegalMoveError, InvalidInputError, MawidError, NotFoundError
from booking.platform.base.outages import is_outage
from booking.platform.models import OnlineCase
from booking.platform.models.online.case import IN_OWN_HANDS, OnlineState


@dataclass(frozen=True)
class CaseForm:
    """A case with its questions and answers, as they are on the day ``today``."""

    case: OnlineCase
    spec: ServiceSpec
    person: str
    answers: dict[str, Answer]
    today: date

    @cached_property
    def unanswered(self) -> str | None:
        """Return the first question whose answer is missing or wrong; found when it is asked for, as few pages do."""
        wrong = check_answers(self.spec.fields, self.answers, today=self.today)
        return wrong[0].field if wrong else None

    @property
    def parts(self) -> Sequence[Sequence[FieldSpec]]:
        """Return the questions by the page on which they stand."""
        return self.spec.parts

    def part_of(self, code: str) -> int:
        """Return the place of the part with a question; raises NotFoundError."""
        return part_of(self.spec, code)

    @property
    def wanted(self) -> list[DocumentSpec]:
        """Return the papers that somebody who lives there and gave these answers is asked for."""
        return self.spec.documents_for("resident" if self.case.residence == "resident" else "expatriate", self.answers)


def part_of(spec: ServiceSpec, code: str) -> int:
    """Return the place of the part of a form with a question; raises NotFoundError."""
    place = next((n for n, part in enumerate(spec.parts) if any(one.code == code for one in part)), None)
    if place is None:
        raise NotFoundError
    return place


def own_form(core: Core, *, account_id: UUID, reference: str) -> CaseForm:
    """Return the form of one's own case; raises NotFoundError."""
    return one_of(own_forms([OneCase(core, account_id, reference)]))


def own_forms(wanted: Sequence[OneCase]) -> list[CaseForm | Exception]:
    """Return for each of several people of one core what `own_form` does."""
    core = wanted[0].core
    with core.sessions.reading() as session:
        found = own_cases_and_files(session, wanted)
    return [one if isinstance(one, Exception) else answer_of(partial(form_of, core, one)) for one in found]


def form_of(core: Core, own: OwnCase) -> CaseForm:
    """Read the form of a case."""
    return form_with(core, own, read_answers_of(core.vault, own.case))


def form_with(core: Core, own: OwnCase, answers: dict[str, Answer]) -> CaseForm:
    """Return the form of a case with these answers."""
    return CaseForm(own.case, own.spec, own.person, answers, core.today())


class Part(NamedTuple):
    """What was typed for the part of the form of one's own case with the question ``code``."""

    case: OneCase
    code: str
    typed: Mapping[str, str]


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
    part = Part(OneCase(core, account_id, reference), code, typed)
    kept = one_of(keep_parts([part]))
    return one_of(keep_locked([part])) if kept is None else kept


async def keep_part_in_loop(
    core: Core, *, account_id: UUID, reference: str, code: str, typed: Mapping[str, str]
) -> CaseForm:
    """Do as `keep_part` in an event loop, together with what comes at the same time."""
    part = Part(OneCase(core, account_id, reference), code, typed)
    kept = await core.together.join(keep_parts, part)
    return await core.together.join(keep_locked, part) if kept is None else kept


def keep_parts(parts: Sequence[Part]) -> list[CaseForm | Exception | None]:
    """Keep several parts of forms of one core by one statement, each as `keep_part` does.

    None for one whose case somebody else holds, or has changed since it was read: `keep_locked` waits for that.
    """
    core = parts[0].case.core
    with core.sessions.by_themselves() as session:
        found = own_cases_and_files(session, [one.case for one in parts])
        new = [
            own if isinstance(own, Exception) else answer_of(partial(_sealed, core, own, one.code, one.typed))
            for own, one in zip(found, parts, strict=True)
        ]
        kept = _keep_all(session, core, [one for one in new if isinstance(one, _Sealed)])
    return [one if isinstance(one, Exception) else one.form if one.answers in kept else None for one in new]


def keep_locked(parts: Sequence[Part]) -> list[CaseForm | Exception]:
    """Keep parts of forms one after the other, each as `keep_part` does: nothing else can be kept beside it.

    Those of one case are one transaction: where somebody holds it, they wait for that once and not each by itself, and
    so does who comes behind them.
    """
    cases: dict[tuple[UUID, str], list[int]] = {}
    for place, one in enumerate(parts):
        cases.setdefault((one.case.account_id, one.case.reference), []).append(place)
    kept: dict[int, CaseForm | Exception] = {}
    for places in cases.values():
        found = answer_of(partial(_keep_in_turn, [parts[place] for place in places]))
        kept |= dict.fromkeys(places, found) if isinstance(found, Exception) else zip(places, found, strict=True)
    return [kept[place] for place in range(len(parts))]


def _keep_in_turn(parts: Sequence[Part]) -> list[CaseForm | Exception]:
    """Keep parts of the form of one case, each with what those before it have kept."""
    core, account_id, reference = parts[0].case
    with core.sessions.begin() as session:
        own = own_case_and_file(session, core, account_id, reference)
        return [answer_of(partial(_keep_next, core, own, one)) for one in parts]


def _keep_next(core: Core, own: OwnCase, part: Part) -> CaseForm:
    form = _answered(core, own, part.code, part.typed)
    _put(core, own.case, form.answers)
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
        own = own_case_and_file(session, core, account_id, reference)
        before = read_answers_of(core.vault, _changeable(own.case))
        asked = [one for one in own.spec.fields if one.code in answers]
        wrong = check_answers(asked, answers, today=core.today())
        if wrong:
            raise InvalidInputError(wrong)
        _put(core, own.case, before | dict(answers))


def _put(core: Core, case: OnlineCase, answers: Mapping[str, Answer]) -> None:
    """Put answers into a locked case."""
    case.answers, case.changed_at = seal_answers(core.vault, case.id, answers), core.clock.now()


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


class _Sealed(NamedTuple):
    """A form as it is to be, with its answers sealed: anew each time, so no two are the same."""

    form: CaseForm
    answers: bytes


def _sealed(core: Core, own: OwnCase, code: str, typed: Mapping[str, str]) -> _Sealed:
    form = _answered(core, own, code, typed)
    return _Sealed(form, seal_answers(core.vault, form.case.id, form.answers))


def _keep_all(session: Session, core: Core, new: Sequence[_Sealed]) -> set[bytes]:
    """Keep answers as `_keep` does; none where the database refuses one of them, whose it was is found out one by one.

    Also where there is one alone: others may have come with it, who were refused before.
    """
    try:
        return _keep(session, core, new) if new else set()
    except (SQLAlchemyError, MawidError) as error:
        if is_outage(error):
            raise
        return set()


def _keep(session: Session, core: Core, new: Sequence[_Sealed]) -> set[bytes]:
    """Keep answers in the place of those that were read; return those that were kept.

    None are where others are there, the case was sent, or somebody else holds it.
    """
    cases = [one.form.case for one in new]
    before = {"case_id": [case.id for case in cases], "read": [case.answers for case in cases]}
    given = before | {"sealed": [one.answers for one in new], "now": core.clock.now()}
    return set(session.scalars(_KEEP, given))


_KINDS: Final = {"case_id": Uuid, "read": LargeBinary, "sealed": LargeBinary}
_NEW: Final = (
    func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _KINDS.items()))
    .table_valued(*(column(name, kind) for name, kind in _KINDS.items()))
    .render_derived()
)
_CASE: Final = table_of(OnlineCase).c
_FREE: Final = (
    select(_CASE.id, _NEW.c.sealed)
    .join(_NEW, _CASE.id == _NEW.c.case_id)
    .where(_CASE.answers == _NEW.c.read, _CASE.state == any_of(sorted(IN_OWN_HANDS), String))
    .with_for_update(of=table_of(OnlineCase), skip_locked=True)
    .cte("free")
)
_KEEP: Final = (
    update(table_of(OnlineCase))
    .where(_CASE.id == _FREE.c.id)
    .values(answers=_FREE.c.sealed, changed_at=bindparam("now"))
    .returning(_CASE.answers)
)
"""Of two answers to one case at the same time, one is kept."""
