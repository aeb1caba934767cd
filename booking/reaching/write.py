"""Write a notice out in its reader's language: short for phones, as a letter where there is room."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from babel.units import format_unit

from booking.base.references import shown
from booking.models.base import Json
from booking.reaching.templates import SILENCEABLE, templates

_MORE: Final = {"ar": "التفاصيل:", "en": "Details:"}
_STOP: Final = {
    "ar": "لإيقاف هذه التذكيرات:",
    "en": "Stop these reminders here:",
}
_SENDER: Final = {
    "ar": "{sender} – موعد\nهذه رسالة آلية، فلا تُجب عنها. لن نطلب منك كلمة السر أبدًا.",
    "en": "{sender} – Mawid\nThis message is automatic: please do not answer it. We never ask for your password.",
}
_NAME: Final = {"ar": "موعد", "en": "Mawid"}
_UNITS: Final = {"minutes": "duration-minute", "days": "duration-day"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it leaves; ``subject`` is "" where a channel has none."""

    subject: str
    text: str


def write_short(
    kind: str, language: str, values: Json, secret: str | None = None, *, reply_to: str | None = None
) -> str:
    """Write a notice for a phone; ``reply_to`` is the number that takes answers, if any does.

    Parameters
    ----------
    values
        Fill the blanks of the template; a missing one is a KeyError, as is a kind that does not exist.
    """
    template = templates()[kind]
    text = template.sms[language]
    if template.reply is not None and reply_to is not None:
        text = f"{text} {template.reply[language]}"
    shown_values = {name: _said(name, value, language) for name, value in values.items()}
    written = text.format_map({**shown_values, "secret": secret or "", "number": reply_to or ""})
    return _without_accents(written) if language == "en" else written


def write_letter(kind: str, language: str, text: str, *, links: Mapping[str, str], sender: str) -> Letter:
    """Write a notice whose short ``text`` is known as a letter, with ``links`` to its page and to the choices.

    The ``sender`` is whose service this is, such as a ministry.
    """
    template = templates()[kind]
    parts = [text] if links["page"] in text else [text, f"{_MORE[language]} {links['page']}"]
    if template.group in SILENCEABLE:
        parts.append(f"{_STOP[language]} {links['choices']}")
    parts.append(_SENDER[language].format(sender=sender))
    return Letter(f"{_NAME[language]}: {template.subject[language]}", "\n\n".join(parts))


def _said(name: str, value: Any, language: str) -> str:
    """Write what fills a blank: a reference in groups, a number with its unit in the form that it asks for."""
    if name == "reference":
        return shown(value)
    if name in _UNITS:
        return format_unit(value, _UNITS[name], locale=language, numbering_system="latn")
    return str(value)


def _without_accents(text: str) -> str:
    """Write São Paulo as Sao Paulo: one letter outside the alphabet of phones would make a message twice as long."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
