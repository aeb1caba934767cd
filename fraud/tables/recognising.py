"""Of what kind a column is: judged by its cells in the training rows and by outcomes known at the cut."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from fraud.tables import names
from fraud.tables.columns import LEFT_OUT, Asked, Column, Held, Kind
from fraud.tables.dates import order_of
from fraud.tables.errors import TableError
from fraud.tables.forms import Form, form_of
from fraud.tables.learning import known_rows
from fraud.tables.moments import dates_in_parts, joined, roles_of
from fraud.tables.preparing import Prepared
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


_MOST_KEYS: Final = 3
_NO_DATES: Final = 0.1


def join_dates(rows: Prepared, asked: Asked) -> Mapping[str, str]:
    """Add dates that lie in three columns as one; return the columns that it stands for."""
    parts: dict[str, str] = {}
    said = {*asked.dropped, *asked.kinds, *rows.time_columns}
    for name, columns in dates_in_parts(rows.frame).items():
        if set(columns) & said or name in rows.frame:
            continue
        try:
            words = joined(rows.frame, roles_of(rows.frame[rows.train], columns))
        except TableError:  # they share a name, but are no date
            continue
        seen = words[rows.train]
        if np.isnan(form_of(seen).read(seen)).mean() <= _NO_DATES:
            rows.frame[name] = words
            parts |= dict.fromkeys(columns, name)
    return parts


def recognise(rows: Prepared, asked: Asked, parts: Mapping[str, str], *, delay: float) -> list[Column]:
    """Return of what kind each column is, by the training rows and those of their outcomes that were known at the cut.

    Dates are told first: they say which outcomes were known, and only those may say what the other columns are.
    """
    train = rows.frame[rows.train]
    out = {*rows.time_columns, *asked.dropped, *(set(parts) - asked.kept)}
    held = {name: Held(train[name]) for name in rows.frame.columns if name not in out}
    found: dict[str, Column] = {}
    for name, cells in held.items():
        first = rows.day_first.get(name)
        kind = asked.kinds.get(name)
        plain = plain_kind(cells, day_first=first) if kind is None else said_kind(cells, kind, day_first=first)
        if plain is not None:
            found[name] = plain
    known = known_rows(rows, list(found.values()), delay)[rows.train]
    at, labels = rows.moments.when[rows.train], rows.labels[rows.train]
    for name, cells in held.items():
        if name not in found:
            found[name] = kind_of(cells, at=at, dated=rows.moments.dated, labels=labels, known=known)
        column = found[name]
        if name in asked.kept and not column.asked and column.kind in LEFT_OUT | {Kind.KEY}:
            kind = Kind.NUMBER if cells.numeric > _NUMERIC else Kind.CATEGORY
            found[name] = Column(name, kind, f"kept as asked; {column.why}", asked=True)
    for column in found.values():
        rows.notes.extend(_notes(column, rows))
    return [found[name] for name in held]


def _notes(column: Column, rows: Prepared) -> list[str]:
    """Say what of a column's dates was guessed, and which cells are not read."""
    if column.kind is not Kind.DATE:
        return []
    notes = column.form.notes(column.name)
    words = rows.frame[column.name]
    lost = words[words.notna() & np.isnan(rows.dates(column))]
    if lost.empty:
        return notes
    order, against = order_of(lost.unique()), "month" if column.form.day_first else "day"
    some = (
        f", {_dates(getattr(order, against))} the {against} first, unlike the others" if getattr(order, against) else ""
    )
    cells = "1 cell counts" if len(lost) == 1 else f"{len(lost):,} cells count"
    return [*notes, f"{column.name}: {cells} as missing, not read as a date{some}, such as “{lost.iloc[0]}”"]


def _dates(count: int) -> str:
    return "1 date has" if count == 1 else f"{count:,} dates have"


def keys_of(columns: Sequence[Column], rows: Prepared, asked: Asked) -> list[str]:
    """Return the columns whose values have a history: those asked for, and else what is clearly a key."""
    said = [column.name for column in columns if column.kind is Kind.KEY and column.asked]
    said.sort(key=lambda name: name != asked.owner)
    train = rows.frame[rows.train]
    found = [(train[column.name].nunique(), column.name) for column in columns if column.kind is Kind.KEY]
    others = [name for _, name in sorted(found, reverse=True) if name not in said]
    return said + others[: max(_MOST_KEYS - len(said), 0)]
