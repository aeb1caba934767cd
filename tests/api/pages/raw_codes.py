"""Codes of the catalogue and of the core that a page shows to a reader in place of words."""

import re
from functools import cache
from html.parser import HTMLParser
from typing import Final

from booking.packs.loading import load_pack

SNAKE: Final = re.compile(r"(?<![\w/.@-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/.@-])")
WORD: Final = re.compile(r"(?<![\w/.@-])[a-z]+(?:-[a-z]+)*(?![\w/.@-])")
NOT_READ: Final = frozenset({"code", "pre", "script", "style", "textarea"})
"""Elements whose text is for programs, or was typed by the reader."""


@cache
def codes() -> frozenset[str]:
    """Codes of the built-in country that are no words: places in small letters, and what has a dash."""
    pack = load_pack("syria")
    named = (*pack.services, *pack.agencies, *pack.groups, *pack.reasons, *pack.urgent_reasons)
    places = {one.code for one in (*pack.offices, *pack.regions)}
    return frozenset(places | {one.code for one in named if "-" in one.code})


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in NOT_READ
        self.parts += [value or "" for name, value in attrs if name in {"alt", "aria-label", "title"}]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in NOT_READ

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def raw_codes(html: str, *, of_rules: bool = False) -> set[str]:
    """Find the codes in a page's visible text and labels; the language of rules is not meant where it is written."""
    reader = _Visible()
    reader.feed(html)
    text = "\n".join(reader.parts)
    return (set() if of_rules else set(SNAKE.findall(text))) | (set(WORD.findall(text)) & codes())
