"""What a person says of columns; it always wins over what the cells seem to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fraud.tables.columns import SAYABLE, Kind
from fraud.tables.errors import TableError
from fraud.tables.names import closest, find_column


@dataclass(frozen=True, slots=True)
class Asked:
    """Columns by name: ``owner`` says whose a row is, ``kinds`` of what kind some are; the others go or stay."""

    owner: str | None
    dropped: frozenset[str]
    kept: frozenset[str]
    kinds: Mapping[str, Kind]


def asked_of(
    frame: pd.DataFrame,
    *,
    group: str | None,
    drop: Sequence[str],
    keep: Sequence[str],
    kinds: Sequence[tuple[str, str]],
) -> Asked:
    """Find the columns that a person named.

    Raises
    ------
    TableError
        No column has a name, a kind is none that can be said, or two things are said of one column.
    """
    owner = None if group is None else column_of(frame, group, "--group")
    dropped = {column_of(frame, name, "--drop") for name in drop}
    said: dict[str, Kind] = {} if owner is None else {owner: Kind.KEY}
    for name, kind in kinds:
        if kind not in SAYABLE:
            raise TableError(f"“{kind}” is not a kind of column; there are {', '.join(sorted(SAYABLE))}")
        column = column_of(frame, name, f"--{kind}")
        if said.get(column, Kind(kind)) is not Kind(kind):
            raise TableError(f"“{column}” cannot be a {said[column]} and a {kind} at once")
        said[column] = Kind(kind)
    kept = {column_of(frame, name, "--keep") for name in keep}
    if twice := sorted(dropped & ({*said} | kept)):
        raise TableError(f"“{twice[0]}” cannot be dropped and used at once")
    return Asked(owner, frozenset(dropped), frozenset(kept), said)


def column_of(frame: pd.DataFrame, asked: str, option: str) -> str:
    """Return the column that was asked for.

    Raises
    ------
    TableError
        No column has it; the message has the names that are most alike.
    """
    found = find_column(frame, asked)
    if found is None:
        raise TableError(f"{option}: there is no column “{asked}”; {closest(frame, asked)}")
    return found
