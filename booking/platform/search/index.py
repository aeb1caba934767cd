"""An index of things that are found by words: kept in memory, built in milliseconds, and asked in less than one.

What a word sounds like, in Arabic or in Latin letters: its consonants, in classes that both ways of writing share.

The index ranks what only sounds alike below what is spelt alike. Names of people are compared more finely, by
`fraud.linkage`, which loads a compiler that no web process should.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from booking.platform.search.spelling import root_of, searched, words_of
from fraud.consonants import arabic_consonants, latin_consonants

_ARTICLE: Final = re.compile(r"^(?:al|el)(?=[^aeiouy]{1,2}[a-z]{3})")


def sounds_of(word: str) -> str:
    """Return the consonant classes of a word (`search.spelling.words_of`); "" where it has only vowels."""
    return latin_consonants(_ARTICLE.sub("", word)) if word.isascii() else arabic_consonants(word)


NAME, OTHER_NAME, TEXT = 3.0, 2.0, 1.0
"""What a word is worth by where it stands."""
_ONE_SLIP, _TWO_SLIPS = 5, 8
"""Letters from which on a word may have one slip, or two: a letter wrong, missing, too many, or two swapped."""
_ONE_SLIP_IN_ARABIC: Final = 4
"""Arabic leaves vowels out, and so says more in four letters."""
_FEWEST_SOUNDS: Final = 3
_SOUNDS_WITH_A_SLIP: Final = 4
_FEWEST_OF_A_BEGINNING: Final = 2
_FEWEST_OF_A_STEM: Final = 4
_ALIKE: Final = 0.76
"""Below, a word in a text about a thing says nothing of it."""
_ENOUGH: Final = 0.5
"""The share of the search that must be found."""
_FAR_BEHIND: Final = 0.15
"""Of the best one's score; what has less is left out."""


class Entry(NamedTuple):
    """A thing to be found: its names, other words by which people look for it, and texts about it."""

    code: str
    names: tuple[str, ...]
    other_names: tuple[str, ...]
    texts: tuple[str, ...]


class Index:
    """Finds entries by words; ``entries`` in the order in which equally good ones are listed."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._codes = [entry.code for entry in entries]
        self._worth: dict[str, dict[int, float]] = {}
        self._names = [[frozenset(words_of(name)) for name in (*one.names, *one.other_names)] for one in entries]
        for place, entry in enumerate(entries):
            for worth, texts in ((NAME, entry.names), (OTHER_NAME, entry.other_names), (TEXT, entry.texts)):
                for word in {word for text in texts for word in words_of(text)}:
                    self._worth.setdefault(word, {}).setdefault(place, worth)
        self._rarity = {word: log(1 + len(entries) / len(places)) for word, places in self._worth.items()}
        self._roots = _grouped((root_of(word), word) for word in self._worth)
        self._sounds = _grouped((sounds_of(word), word) for word in self._worth)
        self._like = lru_cache(maxsize=5_000)(self._compared)

    def find(self, text: str) -> list[str]:
        """Return the codes of what is looked for, best first; nothing where the text has no word."""
        words = searched(text)
        if not words:
            return []
        likes = [self._like(word) for word in words]
        usual = max(self._rarity.values(), default=1.0)
        weights = [max((self._rarity[known] for known in like), default=usual) for like in likes]
        scores: dict[int, float] = {}
        found: dict[int, float] = {}
        for like, weight in zip(likes, weights, strict=True):
            for place, (score, likeness) in self._best(like).items():
                scores[place] = scores.get(place, 0.0) + score
                found[place] = found.get(place, 0.0) + likeness * weight
        whole = sum(weights)
        exact = frozenset(words)
        ranked = sorted(
            (-scores[place] * (share / whole) ** 2 * (1 + self._of_a_name(place, exact)), place)
            for place, share in found.items()
            if share >= _ENOUGH * whole
        )
        return [self._codes[place] for score, place in ranked if score <= ranked[0][0] * _FAR_BEHIND]

    def _best(self, like: Mapping[str, float]) -> dict[int, tuple[float, float]]:
        """Return each entry's best score for one word, and how like the word was."""
        best: dict[int, tuple[float, float]] = {}
        for known, likeness in like.items():
            for place, worth in self._worth[known].items():
                if worth == TEXT and likeness < _ALIKE:
                    continue
                score = likeness * worth * self._rarity[known]
                if score > best.get(place, (0.0, 0.0))[0]:
                    best[place] = (score, likeness)
        return best

    def _of_a_name(self, place: int, words: frozenset[str]) -> float:
        """Return how much of the name that fits best the words cover, 1 where they are that name and nothing else."""
        return max((len(words & name) / len(words | name) for name in self._names[place]), default=0.0)

    def _compared(self, word: str) -> dict[str, float]:
        """Return each known word that ``word`` can mean, and how like it is: 1 where it is the same."""
        like = {known: likeness for known in self._worth if (likeness := _likeness(word, known))}
        for known in self._roots.get(root_of(word), ()):
            like[known] = max(like.get(known, 0.0), 0.95)
        for known, likeness in self._that_sound_like(word):
            like[known] = max(like.get(known, 0.0), likeness)
        if word in self._worth:
            like[word] = 1.0
        return like

    def _that_sound_like(self, word: str) -> Iterable[tuple[str, float]]:
        """Words that somebody may mean who writes Arabic in Latin letters, for which there are many spellings."""
        sounds = sounds_of(word)
        if len(sounds) < _FEWEST_SOUNDS or not word.isascii():
            return
        for others, known in self._sounds.items():
            if others == sounds:
                yield from ((one, 0.7) for one in known)
            elif min(len(sounds), len(others)) >= _SOUNDS_WITH_A_SLIP and OSA.distance(sounds, others) == 1:
                yield from ((one, 0.45) for one in known if not one.isascii())


def _likeness(word: str, known: str) -> float:
    """Return how alike two words of one script are by their letters; 0 where they are not."""
    if word.isascii() != known.isascii():
        return 0.0
    if known.startswith(word) and len(word) >= _FEWEST_OF_A_BEGINNING:
        return 0.6 + 0.3 * len(word) / len(known)
    if word.startswith(known) and len(known) >= _FEWEST_OF_A_STEM:
        return 0.7
    shortest = _ONE_SLIP if word.isascii() else _ONE_SLIP_IN_ARABIC
    slips = 0 if len(word) < shortest or word.isdigit() else 1 if len(word) < _TWO_SLIPS else 2
    if slips and abs(len(word) - len(known)) <= slips:
        distance = OSA.distance(word, known, score_cutoff=slips)
        return 0.0 if distance > slips else 0.9 - 0.15 * distance
    return 0.0


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, word in pairs:
        groups.setdefault(key, []).append(word)
    return groups
