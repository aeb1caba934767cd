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
    words, name = _words(), _plain(username)
    if len(name) >= _SHORTEST_NAME:
        words = re.compile(f"{re.escape(name)}|{words.pattern}")
    typed = [_plain(text) for text in (secret, secret.translate(_SIGNS))]
    left = [words.sub("", plain) for plain in typed]
    return len(secret) if left == typed else min(map(len, left))


def _plain(text: str) -> str:
    """Return letters and digits alone, without case and accents, letters of one sound in Arabic as one."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in bare if one.isalnum()).translate(_ARABIC)


@cache
def _words() -> re.Pattern[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    words = {_plain(word) for line in lines if not line.startswith("#") for word in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
