"""Codes of the catalogue and of the core that a page shows to a reader in place of words."""

import re
from functools import cache
from html import unescape
from typing import Final

from booking.country.packs.loading import load_pack

SNAKE: Final = re.compile(r"(?<![\w/.@-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/.@-])")
WORD: Final = re.compile(r"(?<![\w/.@-])[a-z]+(?:-[a-z]+)*(?![\w/.@-])")
NOT_READ: Final = re.compile(r"<(code|pre|script|style|textarea)\b.*?</\1>", re.DOTALL)
"""Elements whose text is for programs, or was typed by the reader."""

TAG: Final = re.compile(r'<(?:[^>"]|"[^"]*")*>')
SAID: Final = re.compile(r'\s(?:alt|aria-label|title)="([^"]*)"')
"""Attributes that are read out or shown; templates write every one in double quotes."""


@cache
def codes() -> frozenset[str]:
    """Codes of the built-in country that are no words: places in small letters, and what has a dash."""
    pack = load_pack("syria")
    named = (*pack.services, *pack.agencies, *pack.groups, *pack.reasons, *pack.urgent_reasons)
    places = {one.code for one in (*pack.offices, *pack.regions)}
    return frozenset(places | {one.code for one in named if "-" in one.code})


def raw_codes(html: str, *, of_rules: bool = False) -> set[str]:
    """Find the codes in a page's visible text and labels; the language of rules is not meant where it is written."""
    text = unescape("\n".join([TAG.sub("\n", NOT_READ.sub("", html)), *SAID.findall(html)]))
    return (set() if of_rules else set(SNAKE.findall(text))) | (set(WORD.findall(text)) & codes())
