"""What a name sounds like: the consonant classes of its normal word without the article, in either script."""

import re
from functools import lru_cache
from typing import Final

from fraud.consonants import arabic_consonants, latin_consonants
from fraud.linkage.words import is_arabic, stem

_ARTICLE: Final = re.compile(r"^(?:al|el|ul)(?=[^aeiouy]{1,2}[a-z]{3})")
"""What begins with the article in Latin letters is cut like the Arabic stem."""


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Return the consonant classes of a normal word (see `fraud.linkage.words.normal_words`).

    Returns
    -------
    str
        Letters of ``bdfghjklmnrstxz``, no two alike in a row; "" for a word of vowels only.
    """
    return arabic_consonants(stem(word)) if is_arabic(word) else latin_consonants(_ARTICLE.sub("", word))
