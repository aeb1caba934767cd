"""Finding who is compared: only those who share a key, as a million people have 500 billion pairs.

The same keys exist as columns of numbers, for all records at once, and as texts, for one record whose keys are looked
up elsewhere (`keys_of`): two records share a text exactly where they share a number.
"""

import numpy as np
from numpy.typing import NDArray

from fraud.linkage.records import Coded, Records, views
from fraud.linkage.schema import UNKNOWN, Schema

Longs = NDArray[np.int64]
_MONTHS = 13
_DAYS = 32


def pairs(records: Records, schema: Schema) -> tuple[Longs, Longs]:
    """Find all pairs that share the key of some block.

    Returns
    -------
    tuple of ndarray
        Rows of the one and of the other, int64 (p,), the former always smaller; each pair once, in order.
    """
    found = [_pairs_of(_keys(records, block), schema.largest_block) for block in schema.blocks]
    together = np.unique(np.concatenate([first * records.count + second for first, second in found]))
    return together // max(records.count, 1), together % max(records.count, 1)


def keys_of(records: Records, schema: Schema) -> list[list[str]]:
    """Return each record's keys as texts that no other block can have; they hold personal data: hash before keeping."""
    keys: list[list[str]] = [[] for _ in range(records.count)]
    for number, block in enumerate(schema.blocks):
        texts = [_text_view(records, part, view) for part, view in block]
        for row in range(records.count):
            values = [text[row] for text in texts]
            if all(values):
                keys[row].append(f"{number}|" + "|".join(values))
    return keys


def _keys(records: Records, block: tuple[tuple[str, str], ...]) -> Longs:
    """Return the number of each record's key, -1 where a part of it is missing."""
    combined = np.zeros(records.count, np.int64)
    known = np.ones(records.count, np.bool_)
    for part, view in block:
        values = _number_view(records, part, view)
        known &= values >= 0
        # Numbered anew each time, so that the product of parts cannot overflow.
        size = int(values.max(initial=0)) + 1
        combined = np.unique(combined, return_inverse=True)[1].astype(np.int64) * size + np.maximum(values, 0)
    combined[~known] = UNKNOWN
    return combined


def _number_view(records: Records, part: str, view: str) -> Longs:
    if part in records.dates:
        dates = records.dates[part]
        first, last = np.minimum(dates.month, dates.day), np.maximum(dates.month, dates.day)
        numbers = {
            "day": (dates.year.astype(np.int64) * _DAYS + first) * _DAYS + last,
            "month": dates.year.astype(np.int64) * _MONTHS + dates.month,
            "year": dates.year.astype(np.int64),
        }[view]
        return np.where(dates.ordinal >= 0, numbers, UNKNOWN)
    column = _column(records, part)
    texts = column.vocabulary if part in records.digits else views(column.vocabulary, view)
    places: dict[str, int] = {"": UNKNOWN}
    of_value = np.array([places.setdefault(text, len(places) - 1) for text in texts] or [0], np.int64)
    return np.where(column.codes >= 0, of_value[column.codes], UNKNOWN)


def _text_view(records: Records, part: str, view: str) -> list[str]:
    if part in records.dates:
        return [str(number) if number >= 0 else "" for number in _number_view(records, part, view).tolist()]
    column = _column(records, part)
    texts = column.vocabulary if part in records.digits else views(column.vocabulary, view)
    return [texts[code] if code >= 0 else "" for code in column.codes.tolist()]


def _column(records: Records, part: str) -> Coded:
    return records.digits[part] if part in records.digits else records.words[part]


def _pairs_of(keys: Longs, largest: int) -> tuple[Longs, Longs]:
    """Pair the rows of each key that two to ``largest`` rows share."""
    rows = np.flatnonzero(keys >= 0)
    order = rows[np.argsort(keys[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]]) if len(order) else order
    sizes = np.diff(np.r_[starts, len(order)])
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= largest)]):
        blocks = order[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        firsts.append(blocks[:, one].ravel())
        seconds.append(blocks[:, other].ravel())
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    return np.minimum(first, second), np.maximum(first, second)
