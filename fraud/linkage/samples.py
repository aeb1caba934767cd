"""A synthetic population of any size, some of whom are in it twice: for benchmarks, tests, notebooks, and learning."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.linkage.sample_names import MEN, WOMEN, arabic_of, families, latin_of, misspelled

DUPLICATES: Final = 0.03
FAMILIES: Final = 3_000
HOUSEHOLD_SHARES: Final = (0.4, 0.2, 0.15, 0.15, 0.1)
"""Of households, how many have 1 to 5 people; all share family name and phone, children their father's name."""
TWINS: Final = 0.02
"""Of third and later people of a household, how many are born on the same day as the one before."""
WRITTEN_IN_LATIN: Final = 0.05
WAYS_TO_MISSPELL: Final = 7
MONTHS: Final = 12

# Of those who are in twice, how the second record differs from the first:
AGAIN_IN_LATIN: Final = 0.15
AGAIN_WITHOUT_FATHER: Final = 0.10
WORD_MISSPELLED: Final = 0.5
DATE_WRONG: Final = 0.15  # day and month exchanged where possible, else the next day
OTHER_PHONE: Final = 0.6
NUMBER_MISTYPED: Final = 0.3  # the others bring another number, which passes for someone else's

_FIRST_BIRTH: Final = np.datetime64("1945-01-01")
_BIRTH_DAYS: Final = 365 * 70

Longs = NDArray[np.int64]


def people(count: int, *, seed: int, duplicates: float = DUPLICATES) -> pd.DataFrame:
    """Draw people in households, and records of some of them again.

    Returns
    -------
    DataFrame
        ``count`` people and ``duplicates`` × ``count`` records more, shuffled. ``name``, ``birth_date``
        (datetime64), ``phone``, ``national_number`` (digits as text), ``household`` (text), as
        `fraud.linkage.schema.PEOPLE` reads them; ``person``: int64, equal where two records are one person.
    """
    rng = np.random.default_rng(seed)
    names = families(FAMILIES, rng)
    household, place = _households(count, rng)
    woman = rng.random(count) < 0.5  # noqa: PLR2004 - half
    given = np.where(woman, _popular(len(WOMEN), count, rng, 0.8), _popular(len(MEN), count, rng, 0.8))
    _name_apart(given, woman, place)
    head = np.maximum.accumulate(np.where(place == 0, np.arange(count), 0))
    father = np.where(place > 1, given[head] % len(MEN), _popular(len(MEN), count, rng, 0.8))
    family = _popular(len(names), count, rng, 0.7)[head]
    born = _FIRST_BIRTH + rng.integers(0, _BIRTH_DAYS, count).astype("timedelta64[D]")
    twin = np.flatnonzero((place > 2) & (rng.random(count) < TWINS))  # noqa: PLR2004 - a second child
    born[twin] = born[twin - 1]
    phone = rng.integers(930_000_000, 999_999_999, count)[head]
    number = rng.permutation(np.arange(10**10, 10**10 + 90 * count, 90)) + rng.integers(0, 90, count)

    again = rng.choice(count, round(count * duplicates), replace=False)
    rows = np.concatenate([np.arange(count), again])
    second = np.arange(len(rows)) >= count
    writing = _Writing(names, woman, given, father, family)
    frame = pd.DataFrame(
        {
            "name": writing.write(rows, second, rng),
            "birth_date": _births(born[rows], second, rng),
            "phone": _phones(phone[rows], second, rng),
            "national_number": _numbers(number[rows], second, rng),
            "household": [
                f"h{one}" for one in np.where(second, count + np.arange(len(rows)), household[rows]).tolist()
            ],
            "person": rows,
        }
    )
    return frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)


class _Writing:
    """Names as they are written down."""

    def __init__(
        self, names: list[tuple[str, ...]], woman: NDArray[np.bool_], given: Longs, father: Longs, family: Longs
    ) -> None:
        self._families, self._woman, self._given, self._father, self._family = names, woman, given, father, family

    def write(self, rows: Longs, second: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
        """Write each row's name; the second time in another way."""
        men, women, named = arabic_of(MEN), arabic_of(WOMEN), arabic_of(self._families)
        latin = rng.random(len(rows)) < np.where(second, AGAIN_IN_LATIN, WRITTEN_IN_LATIN)
        alone = second & (rng.random(len(rows)) < AGAIN_WITHOUT_FATHER)
        wrong = second[:, None] & (rng.random((len(rows), 3)) < WORD_MISSPELLED)
        how = rng.integers(0, WAYS_TO_MISSPELL, (len(rows), 3))
        where = rng.random((len(rows), 3))
        texts = []
        for place, row in enumerate(rows.tolist()):
            woman, father, family = self._woman[row], self._father[row], self._family[row]
            given = self._given[row] % len(WOMEN if woman else MEN)
            if latin[place]:
                which = how[place].tolist()
                words = [
                    latin_of((WOMEN if woman else MEN)[given], which[0]),
                    latin_of(MEN[father], which[1]),
                    latin_of(self._families[family], which[2]),
                ]
            else:
                words = [women[given] if woman else men[given], men[father], named[family]]
                for part in np.flatnonzero(wrong[place]).tolist():
                    words[part] = misspelled(words[part], int(how[place, part]), where[place, part])
            texts.append(" ".join(words[::2] if alone[place] else words))
        return texts


def _households(count: int, rng: np.random.Generator) -> tuple[Longs, Longs]:
    """Return each person a household, and their place in it (0 is its head)."""
    sizes = rng.choice(np.arange(1, len(HOUSEHOLD_SHARES) + 1), count, p=HOUSEHOLD_SHARES)
    ends = np.cumsum(sizes)
    household = np.searchsorted(ends, np.arange(count), side="right")
    return household, np.arange(count) - (ends - sizes)[household]


def _name_apart(given: Longs, woman: NDArray[np.bool_], place: Longs) -> None:
    """Rename those who would be called like someone before them in the household, in place."""
    for later in range(1, len(HOUSEHOLD_SHARES)):
        rows = np.flatnonzero(place == later)
        for earlier in range(later):
            others = rows - later + earlier
            alike = rows[(woman[rows] == woman[others]) & (given[rows] == given[others])]
            given[alike] = (given[alike] + 1 + later) % np.where(woman[alike], len(WOMEN), len(MEN))


def _popular(names: int, count: int, rng: np.random.Generator, slope: float) -> Longs:
    """Draw names, the first most often (Zipf)."""
    share = 1 / np.arange(1, names + 1) ** slope
    return rng.choice(names, count, p=share / share.sum())


def _births(born: NDArray[np.datetime64], second: NDArray[np.bool_], rng: np.random.Generator) -> pd.Series:
    wrong = np.flatnonzero(second & (rng.random(len(born)) < DATE_WRONG))
    days = pd.DatetimeIndex(born[wrong])
    exchanged = [
        day.replace(month=day.day, day=day.month)
        if day.day <= MONTHS and day.day != day.month
        else day + pd.Timedelta(days=1)
        for day in days
    ]
    births = pd.Series(pd.DatetimeIndex(born).as_unit("s"))
    births.iloc[wrong] = pd.DatetimeIndex(exchanged).as_unit("s")
    return births


def _phones(phone: Longs, second: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
    other = second & (rng.random(len(phone)) < OTHER_PHONE)
    mine = np.where(other, rng.integers(930_000_000, 999_999_999, len(phone)), phone)
    return [f"0{one}" if again else f"+963{one}" for one, again in zip(mine.tolist(), second.tolist(), strict=True)]


def _numbers(number: Longs, second: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
    mistyped = second & (rng.random(len(number)) < NUMBER_MISTYPED)
    step = 10 ** rng.integers(0, 10, len(number))
    digit = number // step % 10
    typed = number + ((digit + rng.integers(1, 10, len(number))) % 10 - digit) * step
    fresh = rng.integers(10**10, 10**11, len(number))
    return [str(one) for one in np.where(mistyped, typed, np.where(second, fresh, number)).tolist()]
