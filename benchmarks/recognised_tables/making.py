"""How the tables are made whose columns are labelled by hand: rows in time, things that come again, and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True)
class Labelled:
    """A table, how it is asked for, and what a person says that each of its columns is."""

    name: str
    frame: pd.DataFrame
    label: str
    time: str
    kinds: Mapping[str, str]


class Rows:
    """So many rows of one seed, in the order of time, whose outcomes are told by what is added with `push`."""

    def __init__(self, seed: int, rows: int, *, start: str = "2023-01-05", days: int = 400) -> None:
        """Make the moments of the rows."""
        self.random = np.random.default_rng(seed)
        self.n = rows
        seconds = np.sort(self.random.uniform(0, days * 86_400, rows)).round()
        self.at = pd.Series(pd.Timestamp(start) + pd.to_timedelta(seconds, unit="s"))
        self.score = self.random.normal(0, 0.4, rows)

    def push(self, values: npt.ArrayLike, strength: float) -> npt.NDArray[Any]:
        """Let values raise the chance of a true outcome, as many standard deviations as they lie above their mean."""
        found = np.asarray(values)
        plain = found.astype(float)
        self.score += strength * (plain - plain.mean()) / plain.std()
        return found

    def codes(self, values: Sequence[Any], strength: float = 0.0) -> npt.NDArray[Any]:
        """Return one of a list for each row, some more common than others; each has a chance of its own."""
        common = self.random.dirichlet(np.full(len(values), 3.0))
        place = self.random.choice(len(values), self.n, p=common)
        if strength:
            self.push(self.random.normal(size=len(values))[place], strength)
        return np.asarray(values, dtype=object)[place]

    def things(self, count: int, strength: float = 0.0) -> npt.NDArray[np.int64]:
        """Return which of ``count`` people or things each row is of: their number, from 0."""
        often = self.random.dirichlet(np.full(count, 1.5))
        place = self.random.choice(count, self.n, p=often)
        if strength:
            self.push(self.random.normal(size=count)[place], strength)
        return place

    def days_off(self, least: int, most: int, form: str = "%Y-%m-%d", strength: float = 0.0) -> list[str]:
        """Return a day so many days from each row's moment, as ``form`` writes it."""
        away = self.random.integers(least, most, self.n)
        if strength:
            self.push(away, strength)
        return list((self.at + pd.to_timedelta(away, unit="D")).dt.strftime(form))

    def written(self, form: str = "%Y-%m-%d %H:%M:%S") -> list[str]:
        """Return the rows' moments as ``form`` writes them."""
        return list(self.at.dt.strftime(form))

    def money(self, middle: float, spread: float = 0.8, digits: int = 2) -> npt.NDArray[np.float64]:
        """Return amounts of which most are small and some are large."""
        return np.round(np.exp(self.random.normal(np.log(middle), spread, self.n)), digits)

    def outcome(self, share: float) -> npt.NDArray[np.bool_]:
        """Return which rows are true: those of the highest scores mostly, ``share`` of all."""
        noisy = self.score + self.random.logistic(0, 0.6, self.n)
        return np.asarray(noisy > np.quantile(noisy, 1 - share))

    def after(self, truth: npt.NDArray[np.bool_], yes: Sequence[Any], no: Sequence[Any]) -> npt.NDArray[Any]:
        """Return what somebody wrote once the outcome was known."""
        said = np.where(truth, self.random.choice(len(yes), self.n), self.random.choice(len(no), self.n))
        return np.array([(yes if one else no)[place] for one, place in zip(truth, said, strict=True)], dtype=object)

    def sentences(self, *parts: Sequence[str]) -> list[str]:
        """Return a sentence for each row, one of each part after the other, and a number."""
        some = [self.random.choice(list(part), self.n) for part in parts]
        return [
            " ".join([*words, str(number)])
            for *words, number in zip(*some, self.random.permutation(self.n), strict=True)
        ]


def hexes(random: np.random.Generator, count: int, signs: int = 16) -> npt.NDArray[Any]:
    """Return so many different hexadecimal words."""
    return np.array(["".join(random.choice(list("0123456789abcdef"), signs)) for _ in range(count)], dtype=object)


def arabic(values: npt.ArrayLike) -> list[str]:
    """Return values in Arabic digits."""
    digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    return [str(value).translate(digits) for value in np.asarray(values)]
