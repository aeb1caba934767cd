"""Write a notice out in its reader's language: short for phones, as a letter where there is room."""

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from booking.people.reaching.carrier import Letter
from booking.people.reaching.templates import SILENCEABLE, templates
from booking.platform.base.references import shown
from booking.platform.languages.language import Unit
from booking.platform.languages.speech import Speech
from booking.platform.models.base import Json

_MORE: Final = {"ar": "التفاصيل:", "en": "Details:"}
_STOP: Final = {"ar": "لإيقاف هذه التذكيرات:", "en": "Stop these reminders here:"}
_SENDER: Final = {
    "ar": "{sender} – موعد\nهذه رسالة آلية، فلا تُجب عنها. لن نطلب منك كلمة السر أبدًا.",
    "en": "{sender} – Mawid\nThis message is automatic: please do not answer it. We never ask for your password.",
}
_NAME: Final = {"ar": "موعد", "en": "Mawid"}
AROUND: Final = (_MORE, _STOP, _SENDER, _NAME)
"""What letters say around a notice."""
_UNITS: Final[Mapping[str, Unit]] = {"minutes": "minute", "days": "day"}


def write_short(
    kind: str, speech: Speech, values: Json, secret: str | None = None, *, reply_to: str | None = None
) -> str:
    """Write a notice in a sentence or two; ``reply_to`` is the number that takes answers, if any does.

    Parameters
    ----------
    values
        Fill the blanks of the template; a missing one is a KeyError, as is a kind that does not exist.
    """
    template = templates()[kind]
    text = speech.choose(template.sms)
    if template.reply is not None and reply_to is not None:
        text = f"{text} {speech.choose(template.reply)}"
    shown_values = {name: _said(name, value, speech) for name, value in values.items()}
    return text.format_map({**shown_values, "secret": secret or "", "number": reply_to or ""})


def write_letter(kind: str, speech: Speech, text: str, *, links: Mapping[str, str], sender: str) -> Letter:
    """Write a notice whose short ``text`` is known as a letter, with ``links`` to its page and to the choices.

    The ``sender`` is whose service this is, such as a ministry.
    """
    template = templates()[kind]
    parts = [text] if links["page"] in text else [text, f"{speech.choose(_MORE)} {links['page']}"]
    if template.group in SILENCEABLE:
        parts.append(f"{speech.choose(_STOP)} {links['choices']}")
    parts.append(speech.choose(_SENDER).format(sender=sender))
    return Letter(f"{speech.choose(_NAME)}: {speech.choose(template.subject)}", "\n\n".join(parts))


def _said(name: str, value: Any, speech: Speech) -> str:
    """Write what fills a blank: a reference in groups, a number with its unit in the form that it asks for."""
    if name == "reference":
        return shown(value)
    if name in _UNITS:
        return speech.count(value, _UNITS[name])
    return str(value)


def for_phones(text: str, speech: Speech, address: str = "") -> str:
    """Write São Paulo as Sao Paulo, where the language says so: one such letter makes a text message twice as long.

    The ``address`` in it stays as it is: without its marks it would be another site's.
    """
    if not speech.language.plain_text_messages:
        return text
    return address.join(map(_without_marks, text.split(address))) if address else _without_marks(text)


def _without_marks(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
