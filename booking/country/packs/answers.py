"""The answers to a service's form: read as they are typed, and checked against its questions."""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from booking.country.packs.parsed import Parsed
from booking.country.packs.service_form import FieldSpec, form_schema
from booking.platform.base import fields as typed_fields
from booking.platform.base.errors import FieldError

Answer: TypeAlias = str | int | float | bool

_WHOLE: Final = re.compile(r"[+-]?\d{1,15}")
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,6})?")
_SEPARATORS: Final = str.maketrans({"٫": ".", ",": None, "٬": None, " ": None})
_UNWRITTEN: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_YES: Final = frozenset({"yes", "true", "on", "1"})
_NO: Final = frozenset({"no", "false", "off", "0"})
_REASONS: Final = {
    "required": "missing",
    "additionalProperties": "unknown_field",
    "maxLength": "too_long",
    "minLength": "too_short",
    "enum": "unknown",
    "const": "must_agree",
    "minimum": "below",
    "maximum": "above",
}
"""What a keyword of JSON Schema that does not hold is called here; any other is "unreadable"."""
_LIMIT_CALLED: Final = {"maxLength": "max", "minLength": "min", "minimum": "least", "maximum": "most"}


def read_answers(fields: Sequence[FieldSpec], typed: Mapping[str, str]) -> dict[str, Answer]:
    """Turn what a form sends, all of it text, into answers; what cannot be turned stays text, which no check accepts.

    Digits of every script are digits, a date may be typed as day/month/year, and what is left empty is not an answer.
    Keys that are not questions are kept, so that `check_answers` refuses them.
    """
    kinds = {field.code: field for field in fields}
    answers: dict[str, Answer] = {}
    for code, text in typed.items():
        plain = " ".join(unicodedata.normalize("NFC", text.translate(typed_fields.DIRECTION_MARKS)).split())
        field = kinds.get(code)
        if plain:
            answers[code] = plain if field is None else _read(field, plain)
    return answers


def _read(field: FieldSpec, text: str) -> Answer:
    kind = field.answer.type
    plain = typed_fields.latin_digits(text)
    if kind == "boolean":
        return True if plain.casefold() in _YES else False if plain.casefold() in _NO else text
    if kind == "integer":
        plain = plain.translate(_SEPARATORS)
        return int(plain) if _WHOLE.fullmatch(plain) else text
    if kind == "number":
        plain = plain.translate(_SEPARATORS)
        return float(plain) if _NUMBER.fullmatch(plain) else text
    if field.answer.format == "date":
        try:
            return typed_fields.written_day(field.code, text).isoformat()
        except FieldError:
            return text
    return plain if field.answer.pattern else text


def check_answers(
    fields: Sequence[FieldSpec], answers: Mapping[str, Any], *, today: date | None = None
) -> list[FieldError]:
    """Check answers against the form; one error a question, in the form's order, then those that were never asked.

    Parameters
    ----------
    answers
        By the code of the question, in the types of the form (`read_answers`).
    today
        The day of asking, for dates that are bounded by it; None leaves these bounds out.

    Returns
    -------
    list of FieldError
        "missing", "unknown_field", "too_long" (max), "too_short" (min), "unknown" (none of the choices),
        "must_agree", "below" (least), "above" (most), "too_early_a_day" or "too_late_a_day" (day),
        "other_years" (first, last: years), or "unreadable".
    """
    found: dict[str, FieldError] = {}
    for error in _VALIDATOR(tuple(fields)).iter_errors(dict(answers)):
        for code, reason, limits in _of_keyword(error, answers, fields):
            found.setdefault(code, FieldError(code, reason, **limits))
    for field in fields:
        if field.code in answers and field.code not in found:
            wrong = _beyond_the_schema(field, answers[field.code], today)
            if wrong is not None:
                found[field.code] = wrong
    order = {field.code: index for index, field in enumerate(fields)}
    return sorted(found.values(), key=lambda error: (order.get(error.field, len(order)), error.field))


def _validator(fields: tuple[FieldSpec, ...]) -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - 0.15 s, and most processes check no answer

    return Draft202012Validator(form_schema(fields))


_VALIDATOR: Final = Parsed(_validator)
"""Of the questions of a file, which is kept itself, and of each of its parts."""


def _of_keyword(
    error: Any, answers: Mapping[str, Any], fields: Sequence[FieldSpec]
) -> Iterator[tuple[str, str, dict[str, int]]]:
    keyword = error.validator
    if keyword == "required":
        yield from ((field.code, "missing", {}) for field in fields if field.required and field.code not in answers)
    elif keyword == "additionalProperties":
        known = {field.code for field in fields}
        yield from ((str(code), "unknown_field", {}) for code in answers if code not in known)
    else:
        limits = {_LIMIT_CALLED[keyword]: error.validator_value} if keyword in _LIMIT_CALLED else {}
        yield str(error.absolute_path[0]), _REASONS.get(keyword, "unreadable"), limits


def _beyond_the_schema(field: FieldSpec, answer: Answer, today: date | None) -> FieldError | None:
    """Find what JSON Schema cannot say: a day that exists and is near enough, a finite number, readable text."""
    if isinstance(answer, str):
        if any(unicodedata.category(character) in _UNWRITTEN for character in answer):
            return FieldError(field.code, "unreadable")
        return _day_error(field, answer, today) if field.answer.format == "date" else None
    return None if math.isfinite(answer) else FieldError(field.code, "unreadable")


def _day_error(field: FieldSpec, answer: str, today: date | None) -> FieldError | None:
    try:
        day = typed_fields.near(field.code, date.fromisoformat(answer))
    except ValueError:
        return FieldError(field.code, "unreadable")
    except FieldError as error:
        return error
    earliest, latest = (
        None if days is None or today is None else today + timedelta(days)
        for days in (field.earliest_days, field.latest_days)
    )
    if earliest is not None and day < earliest:
        return FieldError(field.code, "too_early_a_day", day=earliest.isoformat())
    if latest is not None and day > latest:
        return FieldError(field.code, "too_late_a_day", day=latest.isoformat())
    return None
