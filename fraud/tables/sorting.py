"""Sort the columns of a table by what they hold, as the training rows show it or a person says."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from fraud.tables.asking import Asked
from fraud.tables.columns import LEFT_OUT, Column, Kind
from fraud.tables.dates import order_of
from fraud.tables.errors import TableError
from fraud.tables.forms import form_of
from fraud.tables.holding import Held
from fraud.tables.moments import dates_in_parts, joined, roles_of
from fraud.tables.preparing import Prepared
from fraud.tables.recognising import kind_of, plain_kind, said_kind
from fraud.tables.teaching import known_rows

_MOST_KEYS: Final = 3
_NO_DATES: Final = 0.1
_NUMERIC: Final = 0.5


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
