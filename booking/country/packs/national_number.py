"""National numbers as people type them, to the one form that is stored and looked up."""

import unicodedata
from typing import Final

from booking.country.packs.schema import NationalNumberRule
from booking.platform.base.errors import FieldError

_LATIN_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def normalise(text: str, rule: NationalNumberRule, *, field: str = "national_number") -> str:
    """Bring a national number to plain Latin digits.

    Arabic-Indic and Persian digits are accepted, and the rule's separators between them: any kind of space counts
    as a space and any kind of dash as a hyphen. Invisible marks of writing direction, which copying from a
    right-to-left page brings along, are dropped.

    Parameters
    ----------
    text
        What was typed.
    rule
        The country's rule.
    field
        The input's name, for the error.

    Raises
    ------
    FieldError
        ``reason`` is "missing" (nothing but separators), "characters" (``character``: the first unusable one) or
        "length" (``expected``, ``got``: digits).
    """
    digits: list[str] = []
    for character in text.translate(_LATIN_DIGITS):
        category = unicodedata.category(character)
        if character in "0123456789":
            digits.append(character)
        elif category != "Cf" and _as_typed_plainly(character, category) not in rule.separators:
            raise FieldError(field, "characters", character=character)
    if not digits:
        raise FieldError(field, "missing")
    if len(digits) != rule.length:
        raise FieldError(field, "length", expected=rule.length, got=len(digits))
    return "".join(digits)


def _as_typed_plainly(character: str, category: str) -> str:
    if category == "Zs" or character == "\t":
        return " "
    return "-" if category == "Pd" else character
