"""What is odd about names, numbers and dates that were typed: signs of invented people, kept fair to unusual names.

Names of one word, long names, rare names, foreign names, names with hyphens or apostrophes, vowel marks and stretched
letters are all ordinary here. Only what hardly any real name holds counts, and it counts as a fact among others.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Final

_JOINING: Final = "-'‘’ʼ`´.ـ"
_ALPHABETS: Final = frozenset({"ARABIC", "LATIN", "GREEK", "CYRILLIC"})  # others share words in real names
_REPEATED: Final = re.compile(r"(\w)\1{3}")
_LONG_RUN: Final = 7
_FEW_DIGITS: Final = 2


def name_is_odd(name: str) -> bool:
    """Return whether a name holds digits or signs, mixes alphabets within a word, or repeats a letter four times.

    >>> [name_is_odd(name) for name in ("أمل الخيالية", "Anne-Marie d’Example", "محـــــمّد", "Omar9", "aaaa", "Аmal")]
    [False, False, False, True, True, True]
    """
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", name).casefold()
        if letter not in _JOINING and unicodedata.category(letter) not in {"Mn", "Mc", "Cf"}
    )
    words = plain.split()
    return any(
        not all(letter.isalpha() for letter in word)
        or _REPEATED.search(word)
        or len({_alphabet(letter) for letter in word} & _ALPHABETS) > 1
        for word in words
    )


def number_is_odd(digits: str) -> bool:
    """Return whether a national number is made of two different digits at most, or holds a run like 1234567 or 7654321.

    Of a million numbers drawn at random about five are.

    >>> [number_is_odd(digits) for digits in ("04159265358", "01111111111", "01234567041", "07654321041")]
    [False, True, True, True]
    """
    if len(set(digits)) <= _FEW_DIGITS:
        return True
    steps = "".join({1: "u", -1: "d"}.get(int(b) - int(a), "-") for a, b in pairwise(digits))
    return "u" * (_LONG_RUN - 1) in steps or "d" * (_LONG_RUN - 1) in steps


def most_with_one_birth_date(births: Iterable[date]) -> int:
    """Count the people of the most frequent birth date.

    The first of January is left out: registers write it where only the year is known.

    >>> most_with_one_birth_date([date(1990, 1, 1)] * 9 + [date(2001, 5, 3), date(2001, 5, 3), date(1987, 2, 8)])
    2
    """
    return max(Counter(born for born in births if (born.month, born.day) != (1, 1)).values(), default=0)


def _alphabet(letter: str) -> str:
    """Return the script of a letter, as the first word of its Unicode name: ARABIC, LATIN, CYRILLIC."""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
