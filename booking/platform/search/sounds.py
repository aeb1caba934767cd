"""What a word sounds like, in Arabic or in Latin letters: its consonants, in classes that both ways of writing share.

The index ranks what only sounds alike below what is spelt alike. Names of people are compared more finely, by
`fraud.linkage`, which loads a compiler that no web process should.
"""

import re
from typing import Final

from fraud.consonants import arabic_consonants, latin_consonants

_ARTICLE: Final = re.compile(r"^(?:al|el)(?=[^aeiouy]{1,2}[a-z]{3})")


def sounds_of(word: str) -> str:
    """Return the consonant classes of a word (`search.spelling.words_of`); "" where it has only vowels."""
    return latin_consonants(_ARTICLE.sub("", word)) if word.isascii() else arabic_consonants(word)
