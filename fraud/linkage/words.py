"""Names as typed, brought to words that can be compared: one form for the many ways to write a name.

Arabic: hamza seats, ta marbuta, alef maqsura, vowel marks, tatweel and Persian look-alikes are folded; "عبد الرحمن" and
"عبدالرحمن", "ال حلبي" and "الحلبي" become one word. Latin: case, accents and apostrophes go, and digits that stand for
Arabic letters ("7asan") become letters.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

_ARABIC_FOLDS: Final = str.maketrans(
    dict.fromkeys("أإآٱا", "ا")
    | dict.fromkeys("ىئیېے", "ي")
    | {"ؤ": "و", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ک": "ك", "گ": "ك", "پ": "ب", "چ": "ج", "ژ": "ز", "ڤ": "ف"}
    | {"ء": None, "ـ": None}
)
_LATIN_FOLDS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
# How Arabic letters are typed with digits where the keyboard is Latin.
_DIGIT_LETTERS: Final = str.maketrans(
    {"2": None, "3": None, "5": "kh", "6": "t", "7": "h", "8": "q", "9": "s", "0": None, "1": None, "4": None}
)
_APOSTROPHES: Final = re.compile("[\u0027\u0060\u00b4\u02b9-\u02c8\u2018\u2019\u201b\u2032]")
_RUN: Final = re.compile("[\u0621-\u063a\u0641-\u064a]+|[a-z0-9]+")
_LETTER: Final = re.compile("[a-z]")

_JOINED: Final = frozenset(
    "عبد ابو ابي ابا ام ال abd abdul abdel abdal abdu abou abu abo umm oum um al el ul ad as ash ar an az at".split()  # noqa: SIM905 - a list of words reads better as words
)
"""Words that belong to the word after them."""
_ENDING: Final = frozenset(
    "الله الدين الزهرا allah ullah aldin aldeen eldin eldeen uddin addin eddin eddine aldine".split()  # noqa: SIM905 - a list of words reads better as words
)
"""Words that belong to the word before them: نور الدين, هبة الله."""
_CONNECTING: Final = frozenset({"بن", "ابن", "بنت", "bin", "ibn", "bint"})
"""Words between a name and a father's name; one writes them, another does not."""
_SPECIAL: Final = _JOINED | _ENDING | _CONNECTING
_ROOTED_ARTICLE: Final = frozenset(
    {"الياس", "الهام", "الطاف", "الفت", "الين", "اليسار", "اليسا", "الما", "المي", "اليانا"}
)
"""Given names whose first letters only look like the article."""
_ARTICLE: Final = "ال"
_SHORTEST_WITH_ARTICLE: Final = 5


class Name(NamedTuple):
    """A name's parts, each a normal word or "": ``middle`` is what stands between the first and the last word."""

    given: str
    middle: str
    family: str


def normal_words(text: str) -> tuple[str, ...]:
    """Return the normal words of a name.

    Parameters
    ----------
    text
        As typed, in Arabic or Latin letters or both.

    Returns
    -------
    tuple of str
        Words of Arabic or of a to z; empty where the text has no letter. Doing it again changes nothing.
    """
    words = [word for piece in text.split() for word in _words_of(piece)]
    if _SPECIAL.isdisjoint(words):
        return tuple(words)
    return _joined([word for place, word in enumerate(words) if place == 0 or word not in _CONNECTING])


def normal_name(text: str) -> str:
    """Return the normal words of a name as one text, a space between them."""
    return " ".join(normal_words(text))


def split_name(text: str) -> Name:
    """Split a full name into given name, what is between, and family name.

    A name of one word is a given name; of two words it has nothing between.
    """
    words = normal_words(text)
    if not words:
        return Name("", "", "")
    if len(words) == 1:
        return Name(words[0], "", "")
    return Name(words[0], "".join(words[1:-1]), words[-1])


def stem(word: str) -> str:
    """Drop the article of a normal Arabic word: one writes "الحلبي", another "حلبي"."""
    if len(word) >= _SHORTEST_WITH_ARTICLE and word.startswith(_ARTICLE) and word not in _ROOTED_ARTICLE:
        return word[len(_ARTICLE) :]
    return word


def is_arabic(word: str) -> bool:
    """Return whether a normal word is in Arabic letters; "" is not."""
    return word[:1] > "z"


@lru_cache(maxsize=100_000)
def _words_of(piece: str) -> tuple[str, ...]:
    """Fold what stands between two spaces, and part it where its script or a hyphen does; most are met often."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", unicodedata.normalize("NFKC", piece).casefold()))
    # NFKD parts the hamza from its seat, as a combining mark
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    runs = _RUN.findall(bare.translate(_ARABIC_FOLDS).translate(_LATIN_FOLDS))
    return tuple(word for word in map(_letters_only, runs) if word)


def _letters_only(run: str) -> str:
    """Read digits inside a Latin word as the Arabic letters they stand for; a number is not a word."""
    if not run.isascii():
        return run
    return run.translate(_DIGIT_LETTERS) if _LETTER.search(run) else ""


def _joined(words: Sequence[str]) -> tuple[str, ...]:
    backwards: list[str] = []
    for word in reversed(words):
        if backwards and word in _JOINED and is_arabic(word) == is_arabic(backwards[-1]):
            backwards[-1] = word + backwards[-1]
        else:
            backwards.append(word)
    joined: list[str] = []
    for word in reversed(backwards):
        if joined and word in _ENDING and is_arabic(word) == is_arabic(joined[-1]):
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)
