"""The form of a case as its owner fills it in: the questions, what is answered, what is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.models import OnlineCase
from booking.online.rows import case_spec, own_case_and_person, read_answers_of
from booking.packs.answers import Answer, check_answers
from booking.packs.service import DocumentSpec, ServiceSpec
from booking.packs.service_form import FieldSpec, form_parts


@dataclass(frozen=True, slots=True)
class CaseForm:
    """A case with its questions and answers; ``unanswered`` is the first question whose answer is missing or wrong."""

    case: OnlineCase
    spec: ServiceSpec
    person: str
    answers: dict[str, Answer]
    unanswered: str | None

    @property
    def parts(self) -> list[Sequence[FieldSpec]]:
        """Return the questions by the page on which they stand."""
        return form_parts(self.spec.fields)

    def part_of(self, code: str) -> int:
        """Return the place of the part with a question; raises NotFoundError."""
        place = next((n for n, part in enumerate(self.parts) if any(one.code == code for one in part)), None)
        if place is None:
            raise NotFoundError
        return place

    @property
    def wanted(self) -> list[DocumentSpec]:
        """Return the papers that somebody who lives there and gave these answers is asked for."""
        return self.spec.documents_for("resident" if self.case.residence == "resident" else "expatriate", self.answers)


def own_form(core: Core, *, account_id: UUID, reference: str) -> CaseForm:
    """Return the form of one's own case; raises NotFoundError."""
    with core.sessions() as session:
        case, person = own_case_and_person(session, account_id, reference, lock=False)
        return form_of(core, case, person)


def form_of(core: Core, case: OnlineCase, person: str) -> CaseForm:
    """Read the form of a case for the person as the account named them."""
    spec, answers = case_spec(case), read_answers_of(core.vault, case)
    wrong = check_answers(spec.fields, answers, today=core.today())
    return CaseForm(case, spec, person, answers, wrong[0].field if wrong else None)
