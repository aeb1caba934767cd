"""What a word sounds like, in either script: its consonants, in classes that Arabic and Latin spellings share.

Vowels are left out: Arabic does not write most of them, and Latin spellings differ in them. Letters that Latin writes
with one sign (ت and ط, ح and ه, س and ص) are one class. It is rough on purpose: it finds candidates.
"""

import re
from itertools import groupby
from typing import Final

_ARABIC: Final = str.maketrans(
    dict.fromkeys("اويع")
    | {"ب": "b", "ت": "t", "ث": "t", "ط": "t", "ج": "j", "ح": "h", "ه": "h", "خ": "k", "ق": "k", "ك": "k"}
    | {"د": "d", "ذ": "d", "ض": "d", "ر": "r", "ز": "z", "ظ": "z", "س": "s", "ص": "s", "ش": "x", "غ": "g"}
    | {"ف": "f", "ل": "l", "م": "m", "ن": "n"}
)  # x stands for the sound of ش
_LATIN_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
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


def arabic_consonants(word: str) -> str:
    """Return the consonant classes of a word in Arabic letters; "" for a word of vowels only."""
    return _told_once(word.translate(_ARABIC), silent=word.endswith("ه"))  # ta marbuta


def latin_consonants(word: str) -> str:
    """Return the consonant classes of a word in small Latin letters; "" for a word of vowels only."""
    sounds = word
    for pattern, sound in _LATIN_SOUNDS:
        sounds = pattern.sub(sound, sounds)
    return _told_once(sounds.translate(_LATIN), silent=sounds.endswith("h"))  # a mute h


def _told_once(sounds: str, *, silent: bool) -> str:
    """Leave out a silent last sound, and every sound that repeats the one before it."""
    return "".join(sound for sound, _ in groupby(sounds.removesuffix("h") if silent else sounds))
