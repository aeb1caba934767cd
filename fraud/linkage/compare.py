"""How far two records agree, part by part, as levels from none to full agreement.

The bounds below only part one level from the next. What a level is worth is learned (`fraud.linkage.weights`), so a
bound a little higher or lower moves pairs between two levels and hardly anything else.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from fraud.linkage import transliteration
from fraud.linkage.records import Coded, Dates, Records
from fraud.linkage.schema import UNKNOWN, Kind, Part, Schema
from fraud.linkage.skeleton import skeleton
from fraud.linkage.spread import Spread
from fraud.linkage.words import is_arabic, stem

Levels = NDArray[np.int8]
Rows = NDArray[np.int64]

DIFFERS, ALIKE, CLOSE, SAME = range(4)
NEAR, SWAPPED = 1, 2
ONE_OFF, SAME_DIGITS = 1, 2

CLOSE_FROM, ALIKE_FROM = 0.92, 0.82
"""Jaro-Winkler similarity in one script: one letter of six wrong is about 0.95, two are about 0.85."""
CLOSE_BITS, ALIKE_BITS = 1.5, 0.5
"""Odds for each Arabic letter between scripts (`fraud.linkage.transliteration`); unlike names are below zero."""
FEWEST_CONSONANTS: Final = 2
"""Consonants that must agree before equal sound says something: half of all names would match by one."""
FEWEST_CONTAINED: Final = 3
"""Letters of a name that is part of a longer one, as one of two given names is."""
_MOST_PAIRS_AT_ONCE: Final = 1_000_000
_WORDS_AT_ONCE: Final = 50_000


def levels(records: Records, schema: Schema, first: Rows, second: Rows, *, spread: Spread = map) -> dict[str, Levels]:
    """Compare pairs of rows.

    Parameters
    ----------
    spread
        How words are compared: pairs of single words are all that is passed on to it.

    Returns
    -------
    dict
        For each part int8 (p,): its level's number (`fraud.linkage.schema.LEVELS`), UNKNOWN where one lacks it.
    """
    found: dict[str, Levels] = {}
    for field in schema.fields:
        if field.kind is Kind.NAME:
            found |= _name_levels(records, [part.name for part in field.parts()], first, second, spread)
        elif field.kind is Kind.WORD:
            words = records.words[field.column]
            found[field.column] = _word_levels(words, first, words, second, spread)
        elif field.kind is Kind.DATE:
            found[field.column] = _date_levels(records.dates[field.column], first, second)
        else:
            found[field.column] = _digit_levels(records.digits[field.column], first, second)
        if field.silent_within:
            groups = records.groups[field.silent_within]
            found[field.column][(groups[first] == groups[second]) & (groups[first] >= 0)] = UNKNOWN
    return found


def possible(compared: dict[str, Levels], parts: Sequence[Part]) -> NDArray[np.bool_]:
    """Return which pairs differ in no required part."""
    allowed = np.ones(len(next(iter(compared.values()))), np.bool_)
    for part in parts:
        if part.required:
            allowed &= compared[part.name] != DIFFERS
    return allowed


def _name_levels(records: Records, parts: list[str], first: Rows, second: Rows, spread: Spread) -> dict[str, Levels]:
    """Compare names part by part; a name with the family name first is recognised by both agreeing crosswise."""
    given, middle, family = (records.words[part] for part in parts)
    straight = [_word_levels(part, first, part, second, spread) for part in (given, middle, family)]
    apart = np.flatnonzero((straight[0] == DIFFERS) & (straight[2] <= DIFFERS))
    crossing = _word_levels(given, first[apart], family, second[apart], spread)
    returning = _word_levels(family, first[apart], given, second[apart], spread)
    swapped = apart[(crossing >= CLOSE) & (returning >= CLOSE)]
    straight[0][swapped] = straight[2][swapped] = CLOSE
    return dict(zip(parts, straight, strict=True))


def _word_levels(ours: Coded, first: Rows, theirs: Coded, second: Rows, spread: Spread) -> Levels:
    """Compare words by their codes in one vocabulary: each pair of different words once."""
    one, other = ours.codes[first], theirs.codes[second]
    result = np.where((one < 0) | (other < 0), UNKNOWN, SAME).astype(np.int8)
    open_ = np.flatnonzero((result == SAME) & (one != other))
    low = np.minimum(one[open_], other[open_]).astype(np.int64)
    high = np.maximum(one[open_], other[open_]).astype(np.int64)
    pairs, place = np.unique(low * len(ours.vocabulary) + high, return_inverse=True)
    if len(pairs):
        pieces = (
            _words(ours.vocabulary, pairs[at : at + _WORDS_AT_ONCE]) for at in range(0, len(pairs), _WORDS_AT_ONCE)
        )
        result[open_] = np.concatenate(list(spread(_levels_of, pieces)))[place]
    return result


def _words(vocabulary: Sequence[str], pairs: Rows) -> tuple[list[str], list[str]]:
    """Return the words of pairs, each a number: the place of the one times the vocabulary's size, and of the other."""
    lows, highs = (pairs // len(vocabulary)).tolist(), (pairs % len(vocabulary)).tolist()
    return [vocabulary[code] for code in lows], [vocabulary[code] for code in highs]


def _levels_of(words: tuple[list[str], list[str]]) -> Levels:
    return word_levels(*words)


def word_levels(one: Sequence[str], other: Sequence[str]) -> Levels:
    """Compare normal words in pairs, int8 (n,); symmetric."""
    result = np.zeros(len(one), np.int8)
    across = np.fromiter((is_arabic(a) != is_arabic(b) for a, b in zip(one, other, strict=True)), np.bool_, len(one))
    rows = np.flatnonzero(~across).tolist()
    # In one order, whichever comes first: the comparison must be symmetric.
    ordered = [sorted((stem(one[row]), stem(other[row]))) for row in rows]
    stems, others = [a for a, _ in ordered], [b for _, b in ordered]
    near = process.cpdist(stems, others, scorer=JaroWinkler.normalized_similarity)
    for row, similarity, a, b in zip(rows, near.tolist(), stems, others, strict=True):
        if a == b:
            result[row] = SAME
        elif similarity >= CLOSE_FROM or _sounds_equal(a, b) or _contains(a, b):
            result[row] = CLOSE
        elif similarity >= ALIKE_FROM:
            result[row] = ALIKE
    rows = np.flatnonzero(across).tolist()
    arabic = [one[row] if is_arabic(one[row]) else other[row] for row in rows]
    latin = [other[row] if is_arabic(one[row]) else one[row] for row in rows]
    lengths = np.array([max(len(word), 1) for word in arabic])
    odds = _letters().log_odds(arabic, latin) / lengths if rows else np.empty(0)
    result[rows] = np.select([odds >= CLOSE_BITS, odds >= ALIKE_BITS], [CLOSE, ALIKE], DIFFERS)
    return result


def _sounds_equal(one: str, other: str) -> bool:
    sound = skeleton(one)
    return len(sound) >= FEWEST_CONSONANTS and sound == skeleton(other)


def _contains(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= FEWEST_CONTAINED and (long.startswith(short) or long.endswith(short))


def _date_levels(dates: Dates, first: Rows, second: Rows) -> Levels:
    year = dates.year[first] == dates.year[second]
    month, day = dates.month[first] == dates.month[second], dates.day[first] == dates.day[second]
    swapped = (dates.month[first] == dates.day[second]) & (dates.day[first] == dates.month[second])
    next_day = np.abs(dates.ordinal[first] - dates.ordinal[second]) == 1
    two_of_three = year.astype(np.int8) + month + day == 2  # noqa: PLR2004 - of year, month and day
    agreed = [year & month & day, year & swapped, two_of_three | next_day]
    result = np.select(agreed, [SAME, SWAPPED, NEAR], DIFFERS).astype(np.int8)
    result[(dates.ordinal[first] < 0) | (dates.ordinal[second] < 0)] = UNKNOWN
    return result


def _digit_levels(digits: Coded, first: Rows, second: Rows) -> Levels:
    """Compare numbers: equal, or with one digit wrong, left out, or exchanged with the next."""
    one, other = digits.codes[first], digits.codes[second]
    result = np.where((one < 0) | (other < 0), UNKNOWN, SAME_DIGITS).astype(np.int8)
    values = np.array(digits.vocabulary, object)
    open_ = np.flatnonzero((result == SAME_DIGITS) & (one != other))
    for start in range(0, len(open_), _MOST_PAIRS_AT_ONCE):
        rows = open_[start : start + _MOST_PAIRS_AT_ONCE]
        apart = process.cpdist(values[one[rows]], values[other[rows]], scorer=OSA.distance, score_cutoff=1)
        result[rows] = np.where(apart <= 1, ONE_OFF, DIFFERS)
    return result


@lru_cache(maxsize=1)
def _letters() -> transliteration.Transliteration:
    return transliteration.load()
