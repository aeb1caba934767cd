"""Which rows are true: a label in any two words."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.errors import TableError

_TRUE_WORDS: Final = (
    "1 yes y true t fraud fraudulent positive pos bad scam spam bot attack anomaly default churn churned cancelled "
    "canceled no-show noshow نعم صح صحيح احتيال محتال مزور إيجابي غش"
)
_FALSE_WORDS: Final = (
    "0 no n false f ok okay legit legitimate genuine normal negative neg good honest clean benign ham human "
    "valid fine show لا خطأ سليم شرعي طبيعي سلبي صادق"
)
_TRUE: Final = frozenset(_TRUE_WORDS.split())
_FALSE: Final = frozenset(_FALSE_WORDS.split())
_NEGATED: Final = re.compile(r"^(?:no|not|non|un|il|in|غير|ليس)[\s_-]*")
_SHOWN: Final = 8
_SLIPS: Final = 0.01


def read_labels(
    column: pd.Series, positive: Sequence[str] = (), *, early: npt.NDArray[np.bool_] | None = None
) -> tuple[npt.NDArray[np.float64], str]:
    """Return 1, 0 or nan (no label), float64 (n,), and in words which value counts as true.

    Beside a true and a false word others that hold hardly any rows are slips, and no labels.

    Parameters
    ----------
    column
        Cleaned cells.
    positive
        The values that count as true; all others are false. Where none is given, known words, signs and the greater
        of two numbers decide, and at last the rarer of two.
    early
        The rows that say which values there are, bool (n,); another value in a later row is no label. All rows without.

    Raises
    ------
    TableError
        There is one value only, or more than two and none was said to be true, or the one said is not there.
    """
    folded = column.map(_folded, na_action="ignore")
    counts = (folded if early is None else folded[early]).value_counts()
    values = _without_slips(counts)
    shown = ", ".join(f"“{value}”" for value in values[:_SHOWN]) + (", ..." if len(values) > _SHOWN else "")
    if not values:
        raise TableError(f"the label “{column.name}” is empty in every row")
    if len(values) == 1:
        raise TableError(f"the label “{column.name}” has only the value {shown}; two are needed")
    if positive:
        wanted = {_folded(one) for one in positive}
        if absent := sorted(wanted - set(folded.dropna())):
            raise TableError(f"the label “{column.name}” never is “{absent[0]}”; it is {shown}")
        if wanted >= set(values):
            raise TableError(f"every value of the label “{column.name}” was said to be true")
        why = "as asked"
    elif set(values) <= _TRUE | _FALSE and set(values) & _TRUE and set(values) & _FALSE:
        wanted, why = set(values) & _TRUE, "by its meaning"
    elif len(values) > 2:  # noqa: PLR2004 - a label has two sides
        raise TableError(
            f"the label “{column.name}” has {len(values)} values ({shown}); say which is true with --positive VALUE"
        )
    else:
        one, why = _of_two(values[0], values[1], counts)
        wanted = {one}
    truth = folded.isin(wanted).to_numpy(dtype=np.float64)
    unread = folded.isna() if positive else ~folded.isin(values)
    return np.where(unread.to_numpy(), np.nan, truth), f"{', '.join(sorted(wanted))} ({why})"


def _without_slips(counts: pd.Series) -> list[str]:
    common = counts[counts > _SLIPS * counts.sum()]
    if len(common) == 2 < len(counts) and _TRUE & {*common.index} and _FALSE & {*common.index}:  # noqa: PLR2004
        return sorted(common.index)
    return sorted(counts.index)


def _folded(value: object) -> str:
    word = str(value).strip().casefold()
    try:
        number = float(word)
    except ValueError:
        return word
    return str(int(number)) if number.is_integer() else str(number)


def _of_two(one: str, other: str, counts: pd.Series) -> tuple[str, str]:
    try:
        return max(one, other, key=float), "the greater number"
    except ValueError:
        pass
    for this, that in ((one, other), (other, one)):
        if (this in _TRUE) != (that in _TRUE) and this in _TRUE:
            return this, "by its meaning"
        if (this in _FALSE) != (that in _FALSE) and this in _FALSE:
            return that, "by its meaning"
    for this, that in ((one, other), (other, one)):
        bare = _NEGATED.sub("", that)
        if bare != that and bare == this:
            return this, "by its meaning"
    # Where both are equally common the order of letters decides, so that the answer is always the same.
    return min((one, other), key=lambda value: (counts[value], value)), "the rarer value"
