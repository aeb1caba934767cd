"""Of what kind a column is: judged by its cells in the training rows and by outcomes known at the cut."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from fraud.tables import names
from fraud.tables.columns import Column, Kind
from fraud.tables.forms import Form, form_of
from fraud.tables.holding import Held
from fraud.tables.telling import Told, repeats_of, told_by
from fraud.tables.weighing import Weighed, weigh

_NUMERIC: Final = 0.5
_DATED: Final = 0.9
_UNIQUE: Final = 0.95
_LEAST_UNIQUE: Final = 50
_LEAST_KEYS: Final = 20
_OFTEN: Final = 0.1
_RARE: Final = 0.3
_TELLS: Final = 4.0
_TEXT_WORDS: Final = 3.5
_RUNS: Final = 0.98
_SEASON: Final = 365.25
_NEW_YEAR: Final = 10_957  # 2000-01-01
_DAY_IN_DIGITS: Final = re.compile(r"(?:19|20)\d{6}")


def plain_kind(held: Held, *, day_first: bool | None = None) -> Column | None:
    """Return a column whose cells alone say what they are: nothing, always the same, or dates; else None."""
    if held.distinct <= 1:
        return _constant(held)
    if held.numeric >= _NUMERIC and not _digits_may_be_dates(held):
        return None
    form = form_of(held.different, day_first=day_first)
    dated = form.dated and float(held.counts[~np.isnan(form.read(held.different))].sum()) / held.known
    if dated < _DATED:
        return None
    share = "all" if dated == 1 else f"{dated:.1%} of"
    return Column(held.name, Kind.DATE, f"{share} its cells are dates", form)


def _constant(held: Held) -> Column:
    if not held.distinct:
        return Column(held.name, Kind.CONSTANT, "empty")
    if held.known < len(held.codes):
        return Column(held.name, Kind.CATEGORY, "given or not")
    return Column(held.name, Kind.CONSTANT, f"always “{str(held.different.iloc[0])[:30]}”")


def _digits_may_be_dates(held: Held) -> bool:
    """Read 20160531 anywhere, but Unix time only where the name says so: amounts may be as large."""
    if names.hints_at_time(held.name):
        return True
    days = sum(_DAY_IN_DIGITS.fullmatch(value) is not None for value in held.different.tolist())
    return days / held.distinct >= _DATED


def kind_of(
    held: Held,
    *,
    at: npt.NDArray[np.float64],
    dated: bool,
    labels: npt.NDArray[np.bool_],
    known: npt.NDArray[np.bool_],
) -> Column:
    """Return the kind of a column of which `plain_kind` says nothing.

    Parameters
    ----------
    held
        The cells of the training rows, in the order of time.
    at
        The moments of these rows, float64 (n,).
    dated
        Whether the moments are dates.
    labels, known
        The outcomes of these rows, and of which rows they were known when the held-out time began, bool (n,) each.
    """
    if held.numeric < _NUMERIC:
        return _words(held, labels, known)
    told = Told()
    if held.distinct > 2 and held.whole:  # noqa: PLR2004 - of two values there is no order
        told = told_by(held.each[known], labels[known])
    weighed = weigh(held, told)
    if held.distinct > 2 and weighed.points > 0:  # noqa: PLR2004
        thing = _thing(held, labels, known, weighed)
        return thing if thing.kind is not Kind.CATEGORY else _running(held, at, dated=dated) or thing
    return _running(held, at, dated=dated) or _amount(held, weighed)


def _thing(
    held: Held, labels: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_], weighed: Weighed | None = None
) -> Column:
    """Tell what names things apart: nearly each row another, some rows the same, many rows the same."""
    nearly = held.unique >= _UNIQUE and held.distinct >= _LEAST_UNIQUE
    repeats = repeats_of(held.codes[known], labels[known])
    often = f"{held.distinct:,} different in {held.known:,} rows"
    if nearly and repeats.sure < _TELLS:
        kind = Kind.IDENTIFIER
        often = "nearly every row has another"
        why = f"the {repeats.pairs:,} that come again tell nothing" if repeats.pairs else ""
    elif nearly:
        kind, why = Kind.KEY, repeats.why
    elif held.distinct < _LEAST_KEYS or names.names_organisations(held.name):
        kind, why = Kind.CATEGORY, ""
    elif names.is_key_name(held.name):
        kind, why = Kind.KEY, "" if weighed else "the name says that it identifies"
    elif held.unique >= _OFTEN and (held.issued or weighed) and not names.names_codes(held.name):
        kind, why = Kind.KEY, held.issued
    elif held.unique >= _RARE and repeats.sure >= _TELLS:
        kind, why = Kind.KEY, repeats.why
    else:
        kind, why = Kind.CATEGORY, ""
    return Column(held.name, kind, "; ".join(filter(None, [often, why, weighed.why if weighed else ""])))


def _words(held: Held, labels: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> Column:
    if held.blanks >= _TEXT_WORDS and held.distinct >= _NUMERIC * held.known:
        return Column(held.name, Kind.TEXT, f"{held.blanks:.1f} words a cell, and hardly one as another")
    return _thing(held, labels, known)


def _running(held: Held, at: npt.NDArray[np.float64], *, dated: bool) -> Column | None:
    """Return a column that tells no more than when it was written, as amounts or codes of weeks and months do."""
    if held.distinct <= 2:  # noqa: PLR2004
        return None
    here = ~np.isnan(held.each)
    values, moment = held.each[here], at[here]
    ranks = rankdata(values)
    if abs(_correlation(ranks, rankdata(moment))) >= _RUNS:
        return Column(held.name, Kind.RUNNING, "runs with the time")
    if dated and at[-1] - at[0] < 2 * _SEASON:
        season = (moment - _NEW_YEAR) % _SEASON
        if abs(_correlation(ranks, rankdata(season))) >= _RUNS:
            return Column(held.name, Kind.RUNNING, "tells the season, and the training rows saw no season twice")
    return None


def _amount(held: Held, weighed: Weighed) -> Column:
    some = "" if held.numeric == 1 else f" ({held.numeric:.1%} of its cells)"
    return Column(held.name, Kind.NUMBER, "; ".join(filter(None, [f"numbers{some}", weighed.why])))


def _correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def said_kind(held: Held, kind: Kind, *, day_first: bool | None = None) -> Column:
    """Return the column as a person said that it is."""
    form = form_of(held.different, day_first=day_first) if kind is Kind.DATE else Form()
    if kind is Kind.DATE and not form.dated:
        form = Form(day_first=day_first is not False)
    return Column(held.name, kind, "as asked", form, asked=True)
