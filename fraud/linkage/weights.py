"""What each level of agreement is worth: the theory of Fellegi and Sunter (1969), learned without labels.

A level speaks for one person by the ratio of two probabilities: that two records of *one* person agree so, and that
two of *any* do. The bits of all parts are added to the odds before anything was compared. The probabilities are learned
by expectation-maximisation (Dempster, Laird, Rubin 1977) over **all** pairs: those that share no key count as people
apart, and how often their levels occur is known without comparing them, by counting values and by a sample.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fraud.linkage.compare import Levels, levels
from fraud.linkage.records import Records
from fraud.linkage.schema import Part, Schema

Floats = NDArray[np.float64]

SAMPLED_PAIRS: Final = 1_000_000
SAMPLED_PAIRS_PER_RECORD: Final = 50
ROUNDS: Final = 200
SETTLED: Final = 1e-9
"""Change of the number of matches, as a share, at which learning ends."""
FIRST_GUESS: Final = 0.9
"""Probability of full agreement in records of one person where learning begins; where it ends does not hang on it."""
_ROUNDING: Final = 6


@dataclass(frozen=True, slots=True)
class Weights:
    """Learned probabilities.

    Parameters
    ----------
    match, random
        For each part, the probability of each level in two records of one person, and of any two people.
    matches_per_record
        Expected pairs of one person, for each record: 0.03 where three in a hundred are in twice.
    """

    match: Mapping[str, tuple[float, ...]]
    random: Mapping[str, tuple[float, ...]]
    matches_per_record: float

    def bits(self, part: str) -> Floats:
        """Return what each level of a part says for one person, in bits."""
        return np.asarray(np.log2(np.array(self.match[part]) / np.array(self.random[part])), np.float64)

    def prior_bits(self, records: int) -> float:
        """Return the odds, in bits, that two of so many records are one person, before they are compared."""
        share = min(2 * self.matches_per_record / max(records - 1, 1), 0.5)
        return float(np.log2(share / (1 - share)))


def learn(records: Records, schema: Schema, compared: Mapping[str, Levels]) -> Weights:
    """Learn the weights of a schema from the records themselves.

    Parameters
    ----------
    compared
        The candidates' levels (`fraud.linkage.link.candidates`), without those that a required part rules out.
    """
    parts = schema.parts()
    patterns, counts = _patterns(compared, parts)
    everyone = _all_pairs(records, schema)
    total = records.count * (records.count - 1) / 2
    match = [_guess(len(part.levels)) for part in parts]
    # What a sample never saw is as rare as half of what it would have seen once.
    unseen = total / _sample_size(records) / 2
    random = [_share(everyone[part.name] + unseen) for part in parts]
    matches = float(records.count) / 10
    for _ in range(ROUNDS):
        odds = np.full(len(counts), np.log2(matches / total))
        for place, known in enumerate(patterns.T):
            ratio = np.append(np.log2(match[place] / random[place]), 0.0)  # the last is for what is not known
            odds += ratio[known]
        weight = counts / (1 + np.exp2(-odds))
        before, matches = matches, float(weight.sum())
        for place, part in enumerate(parts):
            size = len(part.levels)
            ours = np.bincount(patterns[:, place] % (size + 1), weight, size + 1)[:size]
            match[place] = (ours + 1) / (ours.sum() + size)  # Laplace's rule: a level never seen is not impossible
            random[place] = _share(np.maximum(everyone[part.name] - ours, 0.0) + unseen)
        if abs(matches - before) <= SETTLED * before:
            break
    names = [part.name for part in parts]
    return Weights(
        match={name: tuple(values.tolist()) for name, values in zip(names, match, strict=True)},
        random={name: tuple(values.tolist()) for name, values in zip(names, random, strict=True)},
        matches_per_record=matches / records.count,
    )


def frequencies(records: Records, schema: Schema) -> dict[str, dict[str, float]]:
    """Count each value's share of the records that have one: by part, for parts where rarity counts."""
    found: dict[str, dict[str, float]] = {}
    for part in schema.parts():
        if part.field.rare_counts and part.name in records.words:
            column = records.words[part.name]
            counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.vocabulary))
            known = max(int(counts.sum()), 1)
            found[part.name] = {
                column.vocabulary[place]: counts[place] / known for place in np.flatnonzero(counts).tolist()
            }
        elif part.field.rare_counts and part.name in records.dates:
            days, counts = np.unique(records.dates[part.name].ordinal, return_counts=True)
            known = max(int(counts[days >= 0].sum()), 1)
            shares = zip(days[days >= 0].tolist(), (counts[days >= 0] / known).tolist(), strict=True)
            found[part.name] = {str(day): share for day, share in shares}
    return found


def shipped() -> Weights:
    """Load the weights for people that come with this package (see the head of ``people.toml``)."""
    return read(files("fraud.linkage").joinpath("people.toml").read_text(encoding="utf-8"))


def read(text: str) -> Weights:
    """Read weights as `write` writes them."""
    table = tomllib.loads(text)
    return Weights(
        match={name: tuple(part["match"]) for name, part in table["parts"].items()},
        random={name: tuple(part["random"]) for name, part in table["parts"].items()},
        matches_per_record=float(table["matches_per_record"]),
    )


def write(weights: Weights, schema: Schema, about: str) -> str:
    """Write weights as TOML."""
    lines = [f"# {line}" for line in about.splitlines()]
    lines.append(f"matches_per_record = {weights.matches_per_record:.{_ROUNDING}g}")
    for part in schema.parts():
        lines += ["", f'[parts."{part.name}"] # {", ".join(part.levels)}']
        for key, values in (("match", weights.match[part.name]), ("random", weights.random[part.name])):
            lines.append(f"{key} = [{', '.join(f'{float(value):.{_ROUNDING}g}' for value in values)}]")
    return "\n".join(lines) + "\n"


def _patterns(compared: Mapping[str, Levels], parts: Sequence[Part]) -> tuple[NDArray[np.int64], Floats]:
    """Count the rows of levels that occur: there are few; UNKNOWN is written as the number of levels."""
    code = np.zeros(len(compared[parts[0].name]), np.int64)
    for part in parts:
        code = code * (len(part.levels) + 1) + compared[part.name] % (len(part.levels) + 1)
    codes, counts = np.unique(code, return_counts=True)
    columns = []
    for part in reversed(parts):
        codes, column = np.divmod(codes, len(part.levels) + 1)
        columns.append(column)
    return np.column_stack(columns[::-1]), counts.astype(np.float64)


def _all_pairs(records: Records, schema: Schema) -> dict[str, Floats]:
    """Estimate how many of all pairs agree at each level: full agreement by counting values, the rest by a sample."""
    rng = np.random.default_rng(1)
    size = _sample_size(records)
    one = rng.integers(0, records.count, size)
    other = (one + rng.integers(1, max(records.count, 2), size)) % records.count
    compared = levels(records, schema, np.minimum(one, other), np.maximum(one, other))
    total = records.count * (records.count - 1) / 2
    found = {}
    for part in schema.parts():
        seen = compared[part.name]
        counts = np.bincount(seen[seen >= 0], minlength=len(part.levels)).astype(np.float64) * (total / size)
        if not part.field.silent_within:
            counts[-1] = _equal_pairs(records, part)
        found[part.name] = counts
    return found


def _sample_size(records: Records) -> int:
    return min(SAMPLED_PAIRS, SAMPLED_PAIRS_PER_RECORD * records.count)


def _equal_pairs(records: Records, part: Part) -> float:
    if part.name in records.dates:
        values = records.dates[part.name].ordinal
    else:
        column = records.words.get(part.name) or records.digits[part.name]
        values = column.codes
    counts = np.unique(values[values >= 0], return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1)).sum() / 2)


def _share(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(), np.float64)


def _guess(size: int) -> Floats:
    return np.array([(1 - FIRST_GUESS) / (size - 1)] * (size - 1) + [FIRST_GUESS])
