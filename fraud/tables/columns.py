"""What kind of thing each column holds, judged by the training rows alone."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.cells import numbers
from fraud.tables.moments import Moments, moments_of


class Kind(StrEnum):
    """How a column is read. Those of the last three kinds teach nothing and are left out."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    KEY = "key"
    CONSTANT = "constant"
    IDENTIFIER = "identifier"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, and the reason where that is not obvious."""

    name: str
    kind: Kind
    why: str = ""
    day_first: bool = True


_NUMERIC: Final = 0.5
_DATED: Final = 0.9
_UNIQUE: Final = 0.95
_LEAST_UNIQUE: Final = 50
_TEXT_WORDS: Final = 3.5
_RUNS: Final = 0.98
_DENSE: Final = 0.5
_LEAST_KEYS: Final = 20
_KEY_REPEATS: Final = 0.05
_SEASON: Final = 365.25
_NEW_YEAR: Final = 10_957  # 2000-01-01
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_.\-/]+")
_ID_WORDS: Final = frozenset(["id", "ids", "uuid", "guid", "key", "identifier", "معرف", "رقم", "هوية"])
_PEOPLE: Final = (
    "user customer client patient person member account card phone device ip sender receiver applicant driver student "
    "citizen مستخدم زبون عميل مريض شخص حساب هاتف جهاز مواطن"
)
_PEOPLE_WORDS: Final = frozenset(_PEOPLE.split())
_ORGANISATIONS: Final = frozenset(
    ["agent", "company", "employer", "merchant", "terminal", "vendor", "seller", "doctor", "branch"]
)
_MEASURED: Final = (
    "as of per by for since with at in number num no n nr count counts total sum amount income salary price cost value "
    "age year years month months week weeks day days hour hours minute minutes tenure length size avg average mean "
    "median max min rate ratio share percent score level rank distance balance limit visits orders calls times old "
    "عدد مجموع عمر مدة دخل رصيد مبلغ متوسط معدل نسبة سنة سنوات شهر أشهر يوم أيام لكل منذ"
)
_MEASURES: Final = frozenset(_MEASURED.split())
_LARGE: Final = 10_000
_FAR: Final = 20
"""Numbers that are all so large, or of whose range so small a part is used, are labels rather than amounts."""
_TIME_WORDS: Final = frozenset(
    ["time", "date", "timestamp", "ts", "at", "datetime", "unix", "epoch", "day", "تاريخ", "وقت"]
)
_BARE_NAMES: Final = frozenset({"nameorig", "namedest", "cc_num", "card1", "ssn", "iban", "imei"})


def name_words(name: str) -> list[str]:
    """Return the words of a column's name in small letters: PatientId gives patient, id."""
    return [word.casefold() for word in _CAMEL.split(name) if word]


def is_key_name(name: str) -> bool:
    """Return whether a name says that the column identifies parties or things."""
    words = [word.removeprefix("ال") for word in name_words(name)]
    if not words:
        return False
    folded = name.casefold()
    return (
        words[-1] in _ID_WORDS | _PEOPLE_WORDS
        or words[0] in {"id", "uuid", "معرف", "رقم"}
        or folded in _BARE_NAMES
        or re.fullmatch(r"(?:user|cust|customer|client|patient|acc|account|card|device)id", folded) is not None
    )


def measures(name: str) -> bool:
    """Return whether a name says how much or how long, of anything: months_as_customer, عدد زيارات المريض."""
    return not _MEASURES.isdisjoint(name_words(name))


def kind_of(words: pd.Series, *, at: npt.NDArray[np.float64], dated: bool, day_first: bool | None = None) -> Column:
    """Return the kind of one column.

    Parameters
    ----------
    words
        Cleaned cells of the training rows, in the order of time.
    at
        The moments of these rows, float64 (n,).
    dated
        Whether the moments are dates.
    day_first
        The order of dates such as 03/04/2016 in the whole column; None where these cells show it.
    """
    name, known = str(words.name), words.dropna()
    distinct = known.nunique()
    if not distinct:
        return Column(name, Kind.CONSTANT, "empty")
    if distinct == 1 and len(known) == len(words):
        return Column(name, Kind.CONSTANT, f"always “{str(known.iloc[0])[:30]}”")
    if distinct == 1:
        return Column(name, Kind.CATEGORY, "given or not")
    plain = numbers(known)
    share = 1 - np.isnan(plain).mean()
    if share >= _NUMERIC and (moments := _dates_in_digits(known, day_first=day_first)) is None:
        return _number(name, words, known, plain, distinct=distinct, at=at, dated=dated)
    if share < _NUMERIC:
        moments = moments_of(known, day_first=day_first)
    if moments is not None and moments.dated and (~np.isnan(moments.when)).mean() >= _DATED:
        return Column(name, Kind.DATE, day_first=moments.day_first)
    return _words(name, known, distinct)


def _dates_in_digits(known: pd.Series, *, day_first: bool | None) -> Moments | None:
    """Read 20160531 anywhere, but Unix time only where the name says so: amounts may be as large."""
    hinted = bool(_TIME_WORDS & {word.removeprefix("ال") for word in name_words(str(known.name))})
    if not hinted and not known.str.fullmatch(r"(?:19|20)\d{6}").all():
        return None
    moments = moments_of(known, day_first=day_first)
    return moments if moments.dated else None


def _number(
    name: str,
    words: pd.Series,
    known: pd.Series,
    plain: npt.NDArray[np.float64],
    *,
    distinct: int,
    at: npt.NDArray[np.float64],
    dated: bool,
) -> Column:
    values = plain[~np.isnan(plain)]
    whole = bool((values == np.floor(values)).all()) and len(values) == len(plain)
    if (told := _number_that_names(name, values, len(known), distinct=distinct, whole=whole)) is not None:
        return told
    moment = at[words.notna().to_numpy()][~np.isnan(plain)]
    if abs(_rank_correlation(values, moment)) >= _RUNS and distinct > 2:  # noqa: PLR2004
        return Column(name, Kind.RUNNING, "runs with the time")
    if dated and distinct > 2 and at[-1] - at[0] < 2 * _SEASON:  # noqa: PLR2004
        season = (moment - _NEW_YEAR) % _SEASON
        if abs(_rank_correlation(values, season)) >= _RUNS:
            return Column(name, Kind.RUNNING, "tells the season, and the training rows saw no season twice")
    return Column(name, Kind.NUMBER)


def _number_that_names(
    name: str, values: npt.NDArray[np.float64], rows: int, *, distinct: int, whole: bool
) -> Column | None:
    """Recognise numbers of which more or less means nothing."""
    unique = whole and distinct >= _UNIQUE * rows and distinct >= _LEAST_UNIQUE
    key = _names_parties(name, values, distinct)
    if unique and key:
        return Column(name, Kind.IDENTIFIER, "nearly every row has another")
    if unique and distinct / (values.max() - values.min() + 1) >= _DENSE:
        return Column(name, Kind.IDENTIFIER, "numbers the rows")
    last = name_words(name)[-1] if name_words(name) else ""
    if whole and last in _ORGANISATIONS and not measures(name):
        return Column(name, Kind.CATEGORY)
    if key and distinct >= _LEAST_KEYS and (whole or last in _ID_WORDS):
        return Column(name, Kind.KEY)
    return None


def _names_parties(name: str, values: npt.NDArray[np.float64], distinct: int) -> bool:
    """Distinguish keys from amounts, by name and content.

    A name that ends in a word for people is a key's if it says nothing else, or if its numbers look like labels: large,
    or far between. Not if it measures something about them.
    """
    words = [word.removeprefix("ال") for word in name_words(name)]
    if not is_key_name(name) or words[-1] not in _PEOPLE_WORDS:
        return is_key_name(name)
    labels = values.min() >= _LARGE or values.max() - values.min() + 1 >= _FAR * distinct
    return not measures(name) and (bool(labels) or _PEOPLE_WORDS.issuperset(words))


def _words(name: str, known: pd.Series, distinct: int) -> Column:
    blanks = known.str.count(r"\s+").mean() + 1
    if blanks >= _TEXT_WORDS and distinct >= _NUMERIC * len(known):
        return Column(name, Kind.TEXT)
    if distinct >= _UNIQUE * len(known) and distinct >= _LEAST_UNIQUE:
        return Column(name, Kind.IDENTIFIER, "nearly every row has another")
    if distinct >= _LEAST_KEYS and is_key_name(name):
        return Column(name, Kind.KEY)
    return Column(name, Kind.CATEGORY)


def _rank_correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    ranks = [pd.Series(values).rank().to_numpy() for values in (one, other)]
    if any(rank.std() == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def find_column(frame: pd.DataFrame, asked: str) -> str | None:
    """Return the name of the column that was asked for; case, blanks, dashes and underscores do not matter."""
    if asked in frame.columns:
        return asked
    alike = [name for name in frame.columns if _bare(name) == _bare(asked)]
    return alike[0] if len(alike) == 1 else None


def closest(frame: pd.DataFrame, asked: str) -> str:
    """Return a sentence about the columns that could have been meant."""
    names = [str(name) for name in frame.columns]
    alike = [name for name in names if len(asked) > 2 and _bare(asked) in _bare(name)]  # noqa: PLR2004
    alike = alike or difflib.get_close_matches(asked, names, n=3)
    if alike:
        return "did you mean " + " or ".join(f"“{name}”" for name in alike[:5]) + "?"
    return "there are " + ", ".join(f"“{name}”" for name in names[:20]) + (", ..." if len(names) > 20 else "")  # noqa: PLR2004


def _bare(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name.casefold())


def entity_keys(columns: Sequence[Column], frame: pd.DataFrame) -> list[str]:
    """Return the key columns of which enough training rows share a value with another row, those with most first."""
    keys = []
    for column in columns:
        if column.kind is Kind.KEY:
            known = frame[column.name].dropna()
            repeats = float(known.duplicated().mean()) if len(known) else 0.0
            if repeats >= _KEY_REPEATS:
                keys.append((known.nunique(), column.name))
    return [name for _, name in sorted(keys, reverse=True)]
