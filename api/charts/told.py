"""Sentences whose numbers a notebook computes, in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Final, Literal

from api.i18n import Words
from booking.platform.languages.language import directed

_NUMBER: Final = re.compile(r"[-+]?[0-9.,]+%?")


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences as a notebook shows them, running in the language's direction."""

    markdown: str
    direction: Literal["ltr", "rtl"]

    def _repr_markdown_(self) -> str:
        return directed(self.markdown, self.direction)


def tell(words: Words, values: Mapping[str, object], *sentences: str) -> Told:
    """Say sentences one below the other; each may use any of the values as ``%(name)s``.

    A sentence that begins with "- " is a line of a list. A value is a whole number or a formatted one such as "-12.5%",
    written in the language's digits; a text of the catalogue, which is translated; or any other text, which stays as
    it is.
    """
    shown = {name: _shown(value, words) for name, value in values.items()}
    return Told("\n\n".join(words.say(sentence, shown) for sentence in sentences), words.direction)


def _shown(value: object, words: Words) -> object:
    if isinstance(value, Integral):
        return int(value)  # numpy's too
    text = str(value)
    if _NUMBER.fullmatch(text):
        return _isolated(words.digits(text)) if words.direction == "rtl" else text
    return words.gettext(text) if text else text


def _isolated(number: str) -> str:
    """Keep sign and per cent sign on their sides of a number among letters that run from right to left."""
    return f"\u2066{number}\u2069"
