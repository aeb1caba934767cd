"""What a name sounds like, in either script: its consonants, in classes that Arabic and Latin spellings share.

Vowels are left out, for Arabic does not write most of them and Latin spellings differ in them. Letters that Latin
writes with one sign (ت and ط, ح and ه, س and ص) are one class. It is rough on purpose: it finds candidates.
"""

import re
from functools import lru_cache
from itertools import groupby
from typing import Final

from fraud.linkage.words import is_arabic, stem

_ARABIC: Final = str.maketrans(
    dict.fromkeys("اويع")
    | {"ب": "b", "ت": "t", "ث": "t", "ط": "t", "ج": "j", "ح": "h", "ه": "h", "خ": "k", "ق": "k", "ك": "k"}
    | {"د": "d", "ذ": "d", "ض": "d", "ر": "r", "ز": "z", "ظ": "z", "س": "s", "ص": "s", "ش": "x", "غ": "g"}
    | {"ف": "f", "ل": "l", "م": "m", "ن": "n"}
)
# x stands for the sound of ش; what begins with the article is cut like the Arabic stem
_DIGRAPHS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:al|el|ul)(?=[^aeiouy]{1,2}[a-z]{3})", ""),
        (r"x", "ks"),
        (r"tch|sch|sh|ch", "X"),
        (r"kh|ck|q", "k"),
        (r"gh", "G"),
        (r"dh", "d"),
        (r"th", "t"),
        (r"ph", "f"),
        (r"dj|g", "j"),
    )
)
_LATIN: Final = str.maketrans(dict.fromkeys("aeiouwy0123456789") | {"p": "b", "v": "f", "c": "k", "G": "g", "X": "x"})


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Return the consonant classes of a normal word (see `fraud.linkage.words.normal_words`).

    Returns
    -------
    str
        Letters of ``bdfghjklmnrstxz``, no two alike in a row; "" for a word of vowels only.
    """
    if is_arabic(word):
        bare = stem(word)
        sounds = bare.translate(_ARABIC)
        silent = bare.endswith("ه")
    else:
        sounds = word
        for pattern, sound in _DIGRAPHS:
            sounds = pattern.sub(sound, sounds)
        silent = sounds.endswith("h")
        sounds = sounds.translate(_LATIN)
    if silent:  # ta marbuta, or a mute h
        sounds = sounds.removesuffix("h")
    return "".join(sound for sound, _ in groupby(sounds))
