"""What several pages of the workbench read from addresses and forms."""

from datetime import date
from typing import Annotated
from uuid import UUID

from api.pages.shared.answers import read_day
from api.pages.shared.forms import Form
from api.pages.shared.references import id_in_path
from booking.antifraud.gate.studies import StudyView, list_studies
from booking.country.core.core import Core
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models.policies.learning import StudyKind

DraftDep = Annotated[UUID, id_in_path("draft_id")]
StudyDep = Annotated[UUID, id_in_path("study_id")]
TrialDep = Annotated[UUID, id_in_path("trial_id")]


def action_of(form: Form, *known: str) -> str:
    """Read which button was pressed; raises NotFoundError where it is another one."""
    action = form.text("action")
    if action not in known:
        raise NotFoundError
    return action


def version_of(text: str) -> int:
    """Read the number of a version in an address; raises NotFoundError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 9):  # noqa: PLR2004 - as many as a column holds
        raise NotFoundError
    return int(text)


def reason_of(form: Form) -> str:
    """Read the reason of a step, which each step needs; raises InvalidInputError."""
    return fields.words("reason", form.text("reason"))


def period_of(form: Form) -> tuple[date | None, date | None]:
    """Read the days of a period; None leaves an end open. Raises InvalidInputError."""
    errors: list[FieldError] = []
    days: list[date | None] = []
    for name in ("first", "last"):
        try:
            days.append(read_day(name, form.text(name)))
        except FieldError as error:
            errors.append(error)
            days.append(None)
    first, last = days
    if first and last and last < first:
        errors.append(FieldError("last", "ends_before_it_begins"))
    if errors:
        raise InvalidInputError(errors)
    return first, last


def studies_of(core: Core, **wanted: object) -> list[StudyView]:
    """List the latest studies that were asked for just this: of a draft, of a version."""
    return [
        one
        for one in list_studies(core, *StudyKind)
        if all(one.row.wanted.get(name) == value for name, value in wanted.items())
    ]
