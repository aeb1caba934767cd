"""The form of a case as its owner fills it in: the questions, what is answered, what is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from uuid import UUID

from booking.country.core.core import Core
from booking.country.core.together import answer_of, one_of
from booking.country.packs.answers import Answer, check_answers
from booking.country.packs.service import DocumentSpec, ServiceSpec
from booking.country.packs.service_form import FieldSpec
from booking.eservices.online.rows import OneCase, OwnCase, own_cases_and_files, read_answers_of
from booking.platform.base.errors import NotFoundError
from booking.platform.models import OnlineCase


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
