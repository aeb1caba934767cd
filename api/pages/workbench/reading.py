"""What several pages of the workbench read from addresses and forms."""

from datetime import date
from uuid import UUID

from api.pages.shared.answers import read_day
from api.pages.shared.forms import Form
from booking.base import fields
from booking.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.core.core import Core
from booking.gate.errors import ModelUnusableError
from booking.gate.studies import StudyView, list_studies
from booking.gate.versions import activate, retire, start_shadow
from booking.models.policies.study_states import StudyKind
from fraud.scoring.artifact import ArtifactError


def id_of(text: str) -> UUID:
    """Read an id in an address; what is none is as unknown as any."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError from None


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


def take_step(
    core: Core, action: str, *, kind: str, version: int, by: UUID, reason: str, without_backtest: bool = False
) -> None:
    """Move a version as the pressed button says.

    Raises as the steps of `booking.gate.versions` do, and ModelUnusableError where a file is no sound model.
    """
    try:
        if action == "shadow":
            start_shadow(core, kind=kind, version=version, by=by, reason=reason)
        elif action == "activate":
            activate(core, kind=kind, version=version, by=by, reason=reason, without_backtest=without_backtest)
        elif action == "retire":
            retire(core, kind=kind, version=version, by=by, reason=reason)
    except ArtifactError as error:
        raise ModelUnusableError from error
