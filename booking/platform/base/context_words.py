"""Words of this service and the state, which do not count as part of a password (`context_words.txt`)."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_suffix(".txt")
_SIGNS: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
"""Digits and signs that stand for letters in a word that was made “stronger”."""
_ARABIC: Final = str.maketrans({"ة": "ه", "ى": "ي", "ـ": None})
_SHORTEST_NAME: Final = 3


def what_counts(secret: str, *, username: str = "") -> int:
    """Return how many letters and digits of a password are left without words of the context and the user name.

    All characters of a password count that has no such word.
    """
    name = _plain(username)
    typed = [_plain(text) for text in (secret, secret.translate(_SIGNS))]
    left = [_left(plain, name if len(name) >= _SHORTEST_NAME else "") for plain in typed]
    return len(secret) if left == [len(plain) for plain in typed] else min(left)


def _left(plain: str, name: str) -> int:
    """Count what is left without the name and the words, whichever comes first, the name before the words.

    A pattern made of both would be compiled for each name, which takes thirty times as long as a whole look.
    """
    words, place, left = _words(), 0, 0
    while place < len(plain):
        if name and plain.startswith(name, place):
            place += len(name)
        elif found := words.match(plain, place):
            place = found.end()
        else:
            place, left = place + 1, left + 1
    return left


def _plain(text: str) -> str:
    """Return letters and digits alone, without case and accents, letters of one sound in Arabic as one."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in bare if one.isalnum()).translate(_ARABIC)


@cache
def _words() -> re.Pattern[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    words = {_plain(word) for line in lines if not line.startswith("#") for word in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
