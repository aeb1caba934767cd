"""What a result shows: who holds it and what it says, in each language of the country; kept encrypted with it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from booking.country.packs.answers import Answer
from booking.country.packs.service import ABOUT_THE_HOLDER, ServiceSpec
from booking.country.packs.service_form import FieldSpec
from booking.platform.base.vault import Vault
from booking.platform.models import HouseholdMember


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a result: the name of the question and the answer, in Arabic and English."""

    code: str
    name_ar: str
    name_en: str
    value_ar: str
    value_en: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a result shows. ``thing`` is what it is for, in Latin digits and codes as they were chosen."""

    holder: str
    thing: str
    rows: tuple[Row, ...]


HOLDER_LABELS: Mapping[str, tuple[str, str]] = {
    "full-name": ("الاسم الكامل", "Full name"),
    "national-number": ("الرقم الوطني", "National number"),
    "birth-date": ("تاريخ الميلاد", "Birth date"),
}
"""What is known of the holder as a document calls it, in Arabic and English."""


def make_content(
    spec: ServiceSpec,
    answers: Mapping[str, Answer],
    *,
    member: HouseholdMember,
    national_number: str,
    more: tuple[Row, ...] = (),
) -> Content:
    """Put together what a result shows, by the service's file; ``more`` comes after it."""
    fields = {field.code: field for field in spec.fields}
    about = {
        "full-name": member.name,
        "national-number": national_number,
        "birth-date": member.birth_date.isoformat(),
    }
    rows = []
    for code in spec.result.shown:
        if code in ABOUT_THE_HOLDER:
            rows.append(Row(code, *HOLDER_LABELS[code], about[code], about[code]))
        elif code in answers:
            rows.append(answer_row(fields[code], answers[code]))
    shown = [answer_row(fields[code], answers[code]).value_ar for code in spec.result.once_for if code in answers]
    return Content(member.name, " ".join(shown), (*rows, *more))


def answer_row(field: FieldSpec, answer: Answer) -> Row:
    """Write one answer as people read it, under what it is called on a document."""
    chosen = next((one.name for one in field.choices if one.code == answer), None)
    if chosen is not None:
        values = chosen["ar"], chosen["en"]
    elif isinstance(answer, bool):
        values = ("نعم", "Yes") if answer else ("لا", "No")
    else:
        plain = str(int(answer)) if isinstance(answer, float) and answer.is_integer() else str(answer)
        values = plain, plain
    name = field.label or field.name
    return Row(field.code, name["ar"], name["en"], *values)


def seal_content(vault: Vault, result_id: UUID, content: Content) -> bytes:
    """Encrypt what a result shows, bound to it."""
    return vault.encrypt(json.dumps(asdict(content), ensure_ascii=False), about_result(result_id))


def read_content(vault: Vault, result_id: UUID, sealed: bytes) -> Content:
    """Read what a result shows; nothing, where it ended and was erased."""
    if not sealed:
        return Content("", "", ())
    stored = json.loads(vault.decrypt(sealed, about_result(result_id)))
    return Content(stored["holder"], stored["thing"], tuple(Row(**row) for row in stored["rows"]))


def about_result(result_id: UUID) -> str:
    """Return what the content of a result is bound to."""
    return f"result {result_id}"
