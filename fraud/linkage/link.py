"""Which records are one person: a frame in, a frame of pairs with their probability out."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.linkage import blocking, weights
from fraud.linkage.compare import Levels, levels, possible
from fraud.linkage.records import Records, read
from fraud.linkage.schema import PEOPLE, Schema
from fraud.linkage.spread import Spread
from fraud.linkage.weights import Weights

REVIEWED_FROM: Final = 0.9
"""Probability from which an officer is asked. Of ten such pairs at the bound, one is two people: a look is cheap, and
nobody is refused by it. Measured precision is higher, for most pairs are far above it (docs/linkage.md)."""
_MOST_PAIRS_AT_ONCE: Final = 2_000_000

Rarity = Mapping[str, Mapping[str, float]]
Rows = NDArray[np.int64]


def link(
    frame: pd.DataFrame,
    *,
    schema: Schema = PEOPLE,
    learned: Weights | None = None,
    least: float = REVIEWED_FROM,
    spread: Spread = map,
) -> pd.DataFrame:
    """Find the pairs of records that are probably one person.

    Parameters
    ----------
    frame
        One row a record, with the schema's columns; its index labels the records.
    schema
        What is compared; `PEOPLE` where not given.
    learned
        Weights; learned from the frame itself where not given, which needs some hundred duplicates in it.
    least
        The least probability.
    spread
        How names are split, and words compared. Dates, numbers and who has which name are not passed on to it.

    Returns
    -------
    DataFrame
        The most probable first. ``left``, ``right``: labels of the two; ``probability``: float64; ``bits``: float64,
        odds in bits; and one int8 column a part, the level's number (`fraud.linkage.schema.LEVELS`; -1: not known).

    Raises
    ------
    fraud.linkage.records.MissingColumnsError
        Columns of the schema are missing.
    """
    records = read(frame, schema, spread=spread)
    first, second, compared = candidates(records, schema, spread=spread)
    learned = learned or weights.learn(records, schema, compared)
    odds = score(records, schema, first, compared, learned, weights.frequencies(records, schema), among=len(frame))
    return _result(frame.index, first, second, compared, odds, least)


def link_one(
    record: Mapping[str, object],
    others: pd.DataFrame,
    *,
    among: int,
    schema: Schema = PEOPLE,
    learned: Weights,
    rarity: Rarity,
    least: float = REVIEWED_FROM,
) -> pd.DataFrame:
    """Compare one record with candidates that were found by its keys, as `link` would compare them among all records.

    Parameters
    ----------
    record
        The schema's columns.
    others
        Its candidates, one row each.
    among
        How many records there are in all: the more, the likelier is agreement by chance.
    rarity
        For each part, the share of each value among all records; a value that is not there has the part's average.

    Returns
    -------
    DataFrame
        The columns that `link` returns; ``left`` is -1, ``right`` the label of the other.
    """
    together = pd.concat([pd.DataFrame([dict(record)]), others], ignore_index=True)
    records = read(together, schema)
    second = np.arange(1, len(together), dtype=np.int64)
    first = np.zeros_like(second)
    compared = levels(records, schema, first, second)
    kept = possible(compared, schema.parts())
    first, second = first[kept], second[kept]
    compared = {part: known[kept] for part, known in compared.items()}
    odds = score(records, schema, first, compared, learned, rarity, among=among)
    return _result(pd.Index([-1, *others.index], dtype=object), first, second, compared, odds, least)


def candidates(records: Records, schema: Schema, *, spread: Spread = map) -> tuple[Rows, Rows, dict[str, Levels]]:
    """Find the pairs that share a key and differ in no required part, and compare them."""
    first, second = blocking.pairs(records, schema)
    parts = schema.parts()
    kept: list[NDArray[np.bool_]] = []
    compared: dict[str, list[Levels]] = {part.name: [] for part in parts}
    for start in range(0, max(len(first), 1), _MOST_PAIRS_AT_ONCE):
        chunk = slice(start, start + _MOST_PAIRS_AT_ONCE)
        found = levels(records, schema, first[chunk], second[chunk], spread=spread)
        allowed = possible(found, parts)
        kept.append(allowed)
        for part, known in found.items():
            compared[part].append(known[allowed])
    allowed = np.concatenate(kept)
    return first[allowed], second[allowed], {part: np.concatenate(known) for part, known in compared.items()}


def score(
    records: Records,
    schema: Schema,
    first: Rows,
    compared: Mapping[str, Levels],
    learned: Weights,
    rarity: Rarity,
    *,
    among: int,
) -> NDArray[np.float64]:
    """Return the odds, in bits, that each pair is one person, float64 (p,)."""
    odds = np.full(len(first), learned.prior_bits(among))
    for part in schema.parts():
        bits = np.append(learned.bits(part.name), 0.0)  # the last is for what is not known
        level = compared[part.name]
        odds += bits[level]
        if part.field.rare_counts:
            same = np.flatnonzero(level == len(part.levels) - 1)
            odds[same] += _for_rarity(records, part.name, first[same], rarity.get(part.name, {}), learned)
    return odds


def _for_rarity(
    records: Records, part: str, rows: Rows, shares: Mapping[str, float], learned: Weights
) -> NDArray[np.float64]:
    """Return what agreeing on these values says beyond agreeing on an average one, in bits (Winkler 1989)."""
    average = learned.random[part][-1]
    if part in records.words:
        column = records.words[part]
        of_value = np.array([shares.get(value, average) for value in column.vocabulary] or [average])
        share = of_value[column.codes[rows]]
    else:
        share = np.array([shares.get(str(day), average) for day in records.dates[part].ordinal[rows].tolist()] or [0.0])
    return np.log2(average / share) if len(rows) else np.empty(0)


def _result(
    labels: "pd.Index[int]",
    first: Rows,
    second: Rows,
    compared: Mapping[str, Levels],
    odds: NDArray[np.float64],
    least: float,
) -> pd.DataFrame:
    probability = 1 / (1 + np.exp2(-odds))
    rows = np.flatnonzero(probability >= least)
    rows = rows[np.argsort(-odds[rows], kind="stable")]
    return pd.DataFrame(
        {
            "left": labels[first[rows]],
            "right": labels[second[rows]],
            "probability": probability[rows],
            "bits": odds[rows],
            **{part: known[rows] for part, known in compared.items()},
        }
    )
