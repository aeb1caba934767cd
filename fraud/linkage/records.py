"""A frame of records, read once into columns of numbers: words and digits as places in a vocabulary, dates in parts."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.linkage.schema import NAME_PARTS, UNKNOWN, Kind, Schema
from fraud.linkage.skeleton import skeleton
from fraud.linkage.spread import Spread, pieces_of
from fraud.linkage.words import normal_words, split_name

Codes = NDArray[np.int32]

START_LETTERS: Final = 2
_NAMES_AT_ONCE: Final = 20_000
_NO_DIGIT: Final = re.compile("[^0-9]+")
_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
_LATIN_DIGITS: Final = str.maketrans(_DIGITS, "01234567890123456789")


class MissingColumnsError(Exception):
    """The frame lacks columns that the schema compares."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Values by number: ``codes`` int32 (n,), places in ``vocabulary``, UNKNOWN where a value is missing."""

    codes: Codes
    vocabulary: list[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates in parts, int32 (n,) each; ``ordinal`` counts days, and is UNKNOWN where a date is missing."""

    year: Codes
    month: Codes
    day: Codes
    ordinal: Codes


@dataclass(frozen=True, slots=True)
class Records:
    """A frame as a schema sees it; rows keep their places.

    ``words`` and ``digits`` by part, ``dates`` by part; ``groups`` by column of `Field.silent_within`. The parts of
    one name share a vocabulary.
    """

    count: int
    words: dict[str, Coded]
    digits: dict[str, Coded]
    dates: dict[str, Dates]
    groups: dict[str, Codes]


def read(frame: pd.DataFrame, schema: Schema, *, spread: Spread = map) -> Records:
    """Read a frame's columns for a schema.

    Parameters
    ----------
    spread
        How names are split into words, most of the work: full names are all that is passed on to it.

    Raises
    ------
    MissingColumnsError
        Columns are missing; all are named.
    """
    missing = sorted(schema.columns() - set(frame.columns))
    if missing:
        raise MissingColumnsError(f"the frame has no column {', '.join(missing)}")
    words: dict[str, Coded] = {}
    digits: dict[str, Coded] = {}
    dates: dict[str, Dates] = {}
    for field in schema.fields:
        column = frame[field.column]
        if field.kind is Kind.NAME:
            words |= _names(column, field.column, spread)
        elif field.kind is Kind.WORD:
            words[field.column] = _coded(column, lambda text: "".join(normal_words(text)) or text.strip().casefold())
        elif field.kind is Kind.DATE:
            dates[field.column] = _dates(column)
        else:
            digits[field.column] = _coded(column, plain_digits, last=field.last_digits)
    groups = {
        field.silent_within: _coded(frame[field.silent_within], str.strip).codes
        for field in schema.fields
        if field.silent_within
    }
    return Records(len(frame), words, digits, dates, groups)


def plain_digits(text: str) -> str:
    """Keep the digits of a number, from any script; "" where it has none."""
    return text if text.isascii() and text.isdigit() else _NO_DIGIT.sub("", text.translate(_LATIN_DIGITS))


def views(values: Iterable[str], view: str) -> list[str]:
    """Return a key's view of each word: ``start``, ``sound`` or ``word`` ("" where the word has no consonant)."""
    if view == "start":
        return [skeleton(value)[:START_LETTERS] or value[:1] for value in values]
    if view == "sound":
        return [skeleton(value) or value for value in values]
    if view == "word":
        return list(values)
    raise ValueError(f"a word has no view {view!r}")


def _coded(column: "pd.Series[str]", plain: Callable[[str], str], *, last: int = 0) -> Coded:
    raw, uniques = pd.factorize(column.astype(object), use_na_sentinel=True)
    places: dict[str, int] = {"": UNKNOWN}
    of_raw = np.array(
        [places.setdefault(plain(str(text))[-last:], len(places) - 1) for text in uniques] or [0], np.int32
    )
    codes = np.where(raw >= 0, of_raw[raw], UNKNOWN).astype(np.int32)
    return Coded(codes, list(places)[1:])


def _names(column: "pd.Series[str]", name: str, spread: Spread) -> dict[str, Coded]:
    """Split full names, some thousand at a time, and bring their words to one vocabulary, in the order of the rows."""
    places: dict[str, int] = {"": UNKNOWN}
    codes = [np.empty((len(NAME_PARTS), 0), np.int32)]
    texts = [text if isinstance(text, str) else None for text in column]
    for found, vocabulary in spread(_split, pieces_of(texts, _NAMES_AT_ONCE)):
        ours = np.array([*(places.setdefault(word, len(places) - 1) for word in vocabulary), UNKNOWN], np.int32)
        codes.append(ours[found])
    together, values = np.concatenate(codes, axis=1), list(places)[1:]
    return {f"{name}.{part}": Coded(together[n], values) for n, part in enumerate(NAME_PARTS)}


def _split(names: Sequence[str | None]) -> tuple[Codes, list[str]]:
    """Split full names: int32 (3, n), places of given, middle and family name in the words that follow, or UNKNOWN."""
    places: dict[str, int] = {"": UNKNOWN}
    codes = np.full((len(NAME_PARTS), len(names)), UNKNOWN, np.int32)
    for row, text in enumerate(names):
        if text is not None:
            given, middle, family = split_name(text)
            codes[0, row] = places.setdefault(given, len(places) - 1)
            codes[1, row] = places.setdefault(middle, len(places) - 1)
            codes[2, row] = places.setdefault(family, len(places) - 1)
    return codes, list(places)[1:]


def _dates(column: "pd.Series[pd.Timestamp]") -> Dates:
    raw, uniques = pd.factorize(column.astype(object), use_na_sentinel=True)
    moments = pd.to_datetime(pd.Series(uniques, dtype=object), errors="coerce", format="ISO8601")
    days = pd.DatetimeIndex(moments)
    known = np.asarray(days.notna())
    parts = [
        np.append(np.where(known, values, UNKNOWN), UNKNOWN).astype(np.int32)
        for values in (days.year, days.month, days.day, days.to_julian_date())
    ]
    year, month, day, ordinal = (part[raw] for part in parts)
    return Dates(year, month, day, ordinal)
