"""What no log may hold: planted in whatever a site is sent, and looked for in every spelling that a log could use."""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import quote

NAME = "زينب المقصودة"
LATIN = "Qwertina Plantedwoman"
USER = "qwertina.planted"
BORN = date(1957, 3, 19)
NUMBER = "07319570042"
PHONE = "+963 955 731 957"
MAIL = "qwertina@planted.example"
WORDS = "جارتنا تعرف سر المرض"
FILE = "تقرير مشفى الغريب.pdf"
SECRET = "planted password 7"
EVERYTHING = (NAME, LATIN, USER, NUMBER, PHONE, MAIL, WORDS, FILE, SECRET, BORN)

SHORTEST_NUMBER = 9
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_HARMLESS = frozenset({"+963", "955", "731", "957", "سر", "7", "password", "planted"})
"""Parts that also stand in times, counts and our own words."""


def found_in(text: str, values: Iterable[str | date] = EVERYTHING) -> list[str]:
    """Return every spelling of every value that a text holds."""
    text = unicodedata.normalize("NFC", text).casefold()
    return [one for one in _spellings(values) if one.casefold() in text]


def _spellings(values: Iterable[str | date]) -> Iterator[str]:
    for value in values:
        for one in set(_parts(value)) - _HARMLESS:
            yield from {
                one,
                one.translate(_ARABIC_DIGITS),
                json.dumps(one).strip('"'),  # \u0632
                quote(one),
                repr(one.encode())[2:-1],  # \xd8\xb2
                one.encode().decode("latin-1"),  # as a server reads a header
                html.escape(one),
                "".join(f"&#{ord(sign)};" for sign in one),
            }


def _parts(value: str | date) -> Iterator[str]:
    """Yield the whole and what of it names somebody: each word, digits in a row, a day in each order."""
    if isinstance(value, date):
        yield from (value.isoformat(), f"{value:%Y/%m/%d}", f"{value:%Y%m%d}", repr(value).partition("datetime.")[2])
        for dot in "/.-":
            yield from (f"{value:%d}{dot}{value:%m}{dot}{value:%Y}", f"{value.day}{dot}{value.month}{dot}{value.year}")
        return
    yield value
    yield from value.split()
    digits = re.sub(r"\D", "", value)
    if len(digits) >= SHORTEST_NUMBER:
        yield from (digits, digits[-SHORTEST_NUMBER:])
