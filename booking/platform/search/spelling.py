"""Words of a search, brought to one form for the many ways to write them.

Arabic: hamza seats, ta marbuta, alif maqsura, vowel marks, tatweel, Persian look-alikes and the letters of Sorani are
folded, and the article goes, with what is written onto it. Latin: case and accents go, and digits that stand for Arabic
letters ("7asan") become letters. Digits of every script are the same digit.
"""

import re
import unicodedata
from typing import Final

LONGEST_SEARCH: Final = 120
MOST_WORDS: Final = 10

_FOLDS: Final = str.maketrans(
    dict.fromkeys("أإآٱ", "ا")
    | dict.fromkeys("ىئیېے", "ي")
    | {"ؤ": "و", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ک": "ك", "گ": "ك", "پ": "ب", "چ": "ج", "ژ": "ز", "ڤ": "ف"}
    | {"ڕ": "ر", "ڵ": "ل", "ۆ": "و"}
    | {"ء": None, "ـ": None, "'": None, "’": None, "ʼ": None, "`": None}
)
_LETTERS_TYPED_AS_DIGITS: Final = str.maketrans(
    {"2": "", "3": "", "5": "kh", "6": "t", "7": "h", "8": "gh", "9": "q", "0": "", "1": "", "4": ""}
)
_RUN: Final = re.compile(r"[\u0621-\u064a]+|[a-z0-9]+")
_ARTICLE: Final = re.compile(r"^(?:ال(?=..)|(?:لل|[وفبك]ال|[وف]لل|[وف][بك]ال)(?=...))")
_ARABIC_ENDING: Final = re.compile(r"(?<=...)(?:ات|ون|ين|ان|ه|ي)$")
_ENGLISH_ENDING: Final = re.compile(r"(?<=...)(?:ies|es|s|y)$")
_SAYS_NOTHING: Final = frozenset(
    """في من على عن الى مع هل كيف اين ما هو هي هذا هذه لي انا اريد بدي عايز ابغي احتاج لازم اعمل طلب معامله
    a an the of for to in on at my me i is how do does get want need please and or""".split()  # noqa: SIM905 - a list of words reads better as words
)
"""Words that stand in a question and not in what is looked for."""


def words_of(text: str) -> tuple[str, ...]:
    """Bring a text to its words.

    Returns
    -------
    tuple of str
        Words of Arabic letters, or of a to z and digits; empty where there is no letter and no digit. Doing it again
        changes nothing.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    # NFKD parts a hamza from its seat, as a combining mark
    bare = "".join(_bare(character) for character in plain if not unicodedata.combining(character))
    return tuple(word for run in _RUN.findall(bare.translate(_FOLDS)) if (word := _word(run)))


def searched(text: str) -> tuple[str, ...]:
    """Return the words that somebody looks for; those that say nothing only where there are no others."""
    every = tuple(dict.fromkeys(words_of(text[:LONGEST_SEARCH])))
    telling = tuple(word for word in every if word not in _SAYS_NOTHING)
    return (telling or every)[:MOST_WORDS]


def root_of(word: str) -> str:
    """Drop the ending by which one thing and many differ: مخالفة, مخالفات; licence, licences."""
    return (_ENGLISH_ENDING if word.isascii() else _ARABIC_ENDING).sub("", word)


def _bare(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _word(run: str) -> str:
    if not run.isascii():
        while (bare := _ARTICLE.sub("", run)) != run:
            run = bare
        return run
    return run if run.isdigit() else run.translate(_LETTERS_TYPED_AS_DIGITS)
