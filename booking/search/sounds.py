"""What a word sounds like, in Arabic or in Latin letters: its consonants, in classes that both ways of writing share.

Vowels are left out, for Arabic does not write most of them and people write the others in many ways. It is rough on
purpose: it finds what may be meant, and the index ranks it below what is spelt alike. Names of people are compared more
finely, by `fraud.linkage`, which loads a compiler that no web process should.
"""

import re
from itertools import groupby
from typing import Final

_ARABIC: Final = str.maketrans(
    dict.fromkeys("اويع")
    | dict(zip("بتثطجحهخقكدذضرزظسصشغفلمن", "btttjhhkkkdddrzzssxgflmn", strict=True))  # x: the sound of ش
)
_DIGRAPHS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:al|el)(?=[^aeiouy]{1,2}[a-z]{3})", ""),
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
_LATIN: Final = str.maketrans(dict.fromkeys("aeiouwy0123456789") | dict(zip("pvcGX", "bfkgx", strict=True)))


def sounds_of(word: str) -> str:
    """Return the consonant classes of a word (`booking.search.spelling.words_of`); "" where it has only vowels."""
    if word.isascii():
        sounds = word
        for pattern, sound in _DIGRAPHS:
            sounds = pattern.sub(sound, sounds)
        silent = sounds.endswith("h")
        sounds = sounds.translate(_LATIN)
    else:
        silent = word.endswith("ه")
        sounds = word.translate(_ARABIC)
    if silent:  # ta marbuta, or a mute h
        sounds = sounds.removesuffix("h")
    return "".join(sound for sound, _ in groupby(sounds))
