"""What a cell says: nothing, a number, or a word."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

MISSING: Final = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "<na>", "-", "--", "?", ".", "missing", "\\n", "(null)"}
)
_LONGEST_MISSING: Final = max(map(len, MISSING))
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_DECORATED: Final = re.compile(
    r"""^(?P<open>\()?\s*(?:[$€£¥]|usd|eur|syp|gbp)?\s*
    (?P<number>[+-]?\s*\d[\d\s.,'’٬]*(?:[eE][+-]?\d+)?)
    \s*(?P<percent>%|٪)?\s*(?:[$€£¥]|usd|eur|syp|gbp|ل\.س)?\s*(?(open)\))$""",
    re.VERBOSE | re.IGNORECASE,
)
_INFINITE: Final = 1e300
"""Infinities become this, so that they stay the largest and every difference stays finite."""


def cleaned(column: pd.Series) -> pd.Series:
    """Return the cells as words without outer blanks and invisible marks, digits as 0-9; nan where nothing is said."""
    try:
        codes, values = pd.factorize(column, use_na_sentinel=True)
    except TypeError:  # lists and the like
        codes, values = pd.factorize(column.astype(str), use_na_sentinel=True)
    said = [_word(value) for value in values.tolist()]
    words = np.array([None if _is_missing(word) else word for word in said] + [None], dtype=object)
    found = words[codes]  # a code of -1, nothing, takes the last
    return pd.Series(found, index=column.index, name=column.name, dtype=object)


def _word(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)  # a column of whole numbers with gaps: 7.0 is the 7 of a column without
    text = str(value)
    return (text if text.isascii() else _INVISIBLE.sub("", text).translate(_DIGITS)).strip()


def _is_missing(word: str) -> bool:
    return len(word) <= _LONGEST_MISSING and word.casefold() in MISSING


def numbers(column: pd.Series, *, grouped: bool | None = None) -> npt.NDArray[np.float64]:
    """Read cleaned cells as float64 (n,); nan where a cell is not a number.

    Digits in groups (1,234.50 and 1.234,50), a comma for the decimal point, currency signs, percent and brackets for
    negative numbers are understood; infinities become 1e300. ``grouped`` says whether the comma groups digits; where it
    is None these cells show it.
    """
    codes, found = pd.factorize(column, use_na_sentinel=True)
    words = [str(word) for word in found]
    if not words:
        return np.full(len(column), np.nan)
    plain = pd.to_numeric(pd.Series(words, dtype=object), errors="coerce").to_numpy(dtype=np.float64, copy=True)
    odd = np.flatnonzero(np.isnan(plain))
    if len(odd):
        by_comma = groups_by_comma(pd.Series([words[place] for place in odd])) if grouped is None else grouped
        for place in odd:
            plain[place] = _decorated(words[place], by_comma)
    plain = np.clip(plain, -_INFINITE, _INFINITE)
    return np.where(codes >= 0, plain[np.maximum(codes, 0)], np.nan)


def groups_by_comma(cells: pd.Series) -> bool:
    """Return whether the comma groups digits, as these cells show: 1,234.5 or only triples behind commas."""
    some = {word for word in cells.tolist() if isinstance(word, str) and "," in word}
    with_comma = [word for word in some if _DECORATED.match(word)]
    return all(re.search(r",\d{3}(?!\d)", word) and not re.search(r"\.\d*,", word) for word in with_comma)


def _decorated(word: str, comma_groups: bool) -> float:  # noqa: FBT001 - private
    found = _DECORATED.match(word)
    if not found:
        return float("nan")
    digits = re.sub(r"[\s'’٬]", "", found["number"])
    group, point = (",", ".") if comma_groups else (".", ",")
    if not re.fullmatch(rf"[+-]?(?:\d{{1,3}}(?:\{group}\d{{3}})+|\d+)(?:\{point}\d*)?(?:[eE][+-]?\d+)?", digits):
        return float("nan")  # 10.0.0.1 is an address
    value = float(digits.replace(group, "").replace(point, "."))
    if found["percent"]:
        value /= 100
    return -value if found["open"] else value
