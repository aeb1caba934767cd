"""Read the tables that leave as frames, in one moment, within limits of time and rows."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.export.tables import TABLES, TOKENS, How, Pseudonyms, Table
from booking.country.figures.read_only import reading, rows
from booking.country.figures.wanted import Wanted

SECONDS: Final = 120
MOST_ROWS: Final = 1_000_000
_AGES: Final = ((18, "0-17"), (30, "18-29"), (45, "30-44"), (60, "45-59"), (75, "60-74"))
_OLDEST: Final = "75+"
_NAMES: Final[Mapping[tuple[str, How], str]] = {
    ("id", How.CASE): "case",
    ("request_id", How.CASE): "case",
    ("birth_date", How.AGE): "age_band",
    ("officer_id", How.GIVEN): "by_officer",
}


def frames(
    core: Core, wanted: Wanted, *, names: Sequence[str] = (), seconds: int = SECONDS, most: int = MOST_ROWS
) -> dict[str, pd.DataFrame]:
    """Read tables without personal data.

    Parameters
    ----------
    wanted
        The period; office, service and draw are not looked at.
    names
        Which of `booking.country.export.tables.TABLES`; all where none is named.
    seconds, most
        The longest that one statement may take, and the most rows of one table.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name. ``case`` names a request, ``account_id``, ``person_id``, ``device_hash`` and the like are tokens; both
        are the same in every table and every export. Instants about people are cut to the minute.

    Raises
    ------
    KeyError
        There is no such table.
    TooMuchAskedError
        The period is too long.
    """
    known = {one.name: one for one in TABLES}
    chosen = [known[name] for name in names] or list(TABLES)
    pseudonyms, zone = Pseudonyms(core.vault), ZoneInfo(core.pack.country.time_zone)
    values = {
        "first": datetime.combine(wanted.first, time(), zone),
        "until": datetime.combine(wanted.last + timedelta(days=1), time(), zone),
    }
    with reading(core.older_sessions(), seconds=seconds) as session:
        return {one.name: _frame(session, one, values, pseudonyms, core.today(), most) for one in chosen}


def _frame(
    session: Session, table: Table, values: Mapping[str, Any], pseudonyms: Pseudonyms, today: date, most: int
) -> pd.DataFrame:
    where = f" WHERE {table.within}" if table.within else ""
    columns = table.columns
    wanted = ", ".join(f'"{name}"' for name, _ in columns)
    statement = f'SELECT {wanted} FROM "{table.source}"{where} LIMIT {most + 1}'  # noqa: S608 - our own words
    bound = values if ":first" in where else {}
    found = rows(session, statement, bound, most=most)
    made: dict[str, Any] = {}
    for place, (name, how) in enumerate(columns):
        column = [row[place] for row in found]
        if how is How.FACTS:
            made |= _facts(column)
        else:
            made[_NAMES.get((name, how), name)] = _changed(column, how, pseudonyms, today)
    return pd.DataFrame(made)


def _changed(column: list[Any], how: How, pseudonyms: Pseudonyms, today: date) -> Any:
    if how is How.CASE:
        return pd.Series(pseudonyms.codes(column), dtype="str")
    if how is How.MINUTE:
        return pd.to_datetime(pd.Series(column, dtype="object"), utc=True).dt.floor("min")
    if how in TOKENS:
        return pd.Series([None if one is None else pseudonyms.token(how, one) for one in column], dtype="str")
    changes: Mapping[How, Callable[[Any], Any]] = {
        How.AGE: lambda born: _age_band(born, today),
        How.GIVEN: lambda one: one is not None,
        How.JSON: lambda one: json.dumps(one, sort_keys=True, ensure_ascii=False),
        How.CODES: lambda reasons: " ".join(reason["code"] for reason in reasons),
    }
    change = changes.get(how)
    return pd.Series(column if change is None else [change(one) for one in column])


def _facts(inputs: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a column for each fact that a verdict saw; missing for officers' own verdicts."""
    facts = [dict(one.get("hard", {})) | dict(one.get("facts", {})) for one in inputs]
    names = sorted({name for one in facts for name in one})
    return {name: pd.Series([one.get(name) for one in facts]) for name in names}


def _age_band(born: date, today: date) -> str:
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return next((band for below, band in _AGES if years < below), _OLDEST)
