"""The result of a what-if as tables for people, as records to download, and as what its charts draw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.i18n import N_
from api.pages.workbench.study_tables import TRAITS, Say

MEASURES: Final[Mapping[str, str]] = {
    "asked": N_("People who asked"),
    "served": N_("People who got an appointment"),
    "first_choice": N_("In the office of their first choice"),
    "due": N_("People who named a last day in these days"),
    "due_met": N_("Of these, in time"),
    "wait_median": N_("Days to wait, half of people at most"),
    "wait_95": N_("Days to wait, 95 of a hundred at most"),
    "wait_worst": N_("Days to wait, the longest"),
    "places": N_("Places of the draw that are free"),
    "urgent_places": N_("Urgent places"),
    "urgent_used": N_("Urgent places used"),
    "urgent_lacking": N_("Urgent places that would have been missing"),
}
"""What is shown of a draw; of groups only the first eight."""

_OF_GROUPS: Final = tuple(MEASURES)[:8]
_BOTH: Final = ("today", "draft")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of everyone, or of a group, under both quotas; None where so few people are not shown."""

    group: str
    value: str
    measure: str
    today: float | None
    tried: float | None


def rows_of(draw: Json) -> Iterator[Row]:
    """Yield every figure of one draw: of everyone, then by group."""
    sides = [_flat(draw[name]) for name in _BOTH]
    for measure in MEASURES:
        if measure in sides[0]:
            yield Row("all", "", measure, sides[0][measure], sides[1][measure])
    for group, told in draw["today"]["groups"].items():
        tried = draw["draft"]["groups"].get(group, {"values": {}})["values"]
        for value, figures in told["values"].items():
            for measure in _OF_GROUPS:
                yield Row(group, value, measure, figures[measure], tried.get(value, {}).get(measure))


def records(result: Json) -> list[dict[str, object]]:
    """Return the whole result as records of a CSV file."""
    return [
        {
            "draw": draw["reference"] or "forecast",
            "group": row.group,
            "value": row.value,
            "measure": row.measure,
            "today": row.today,
            "tried": row.tried,
        }
        for draw in result["draws"]
        if "today" in draw
        for row in rows_of(draw)
    ]


def summary_table(draw: Json, say: Say) -> tuple[list[str], list[list[str]]]:
    """Return the figures of everyone: columns, and rows as shown."""
    columns = [
        say(N_("Measure")),
        say(N_("Today's quotas")),
        say(N_("The tried quotas")),
        say(N_("Difference")),
    ]
    rows = [
        [say.of(MEASURES, row.measure), _told(row.today, say), _told(row.tried, say), _difference(row, say)]
        for row in rows_of(draw)
        if row.group == "all"
    ]
    return columns, rows


def group_table(draw: Json, group: str, say: Say) -> tuple[list[str], list[list[str]]]:
    """Return the figures by one trait: for each value a row, each measure under both quotas."""
    columns = [say.of(TRAITS, group), say.of(MEASURES, "asked")]
    for measure in _OF_GROUPS[1:]:
        name = say.of(MEASURES, measure)
        columns += [say(N_("%(measure)s: today"), measure=name), say(N_("%(measure)s: tried"), measure=name)]
    rows: dict[str, list[str]] = {}
    for row in rows_of(draw):
        if row.group == group:
            line = rows.setdefault(row.value, [value_name(row.value, say)])
            line += [_told(row.today, say)] + ([] if row.measure == "asked" else [_told(row.tried, say)])
    return columns, list(rows.values())


def served_shares(draw: Json, group: str) -> Sequence[tuple[str, int, int, int]]:
    """Return who got a place by one trait: value, asked, served today and as tried; those that change most first."""
    tried = draw["draft"]["groups"].get(group, {"values": {}})["values"]
    found = [
        (value, figures["asked"], figures["served"], tried[value]["served"])
        for value, figures in draw["today"]["groups"][group]["values"].items()
        if figures["asked"] and None not in (figures["served"], tried.get(value, {}).get("served"))
    ]
    return sorted(found, key=lambda row: (-abs(row[3] - row[2]), -row[1]))


def value_name(value: str, say: Say) -> str:
    """Return the name of a group's value: an office, a service, home or abroad, an age band."""
    return say.value("60 and over" if value == "60+" else "under 18" if value == "0-17" else value)


def _flat(side: Json) -> dict[str, float | None]:
    urgent = {f"urgent_{name}": count for name, count in side.get("urgent", {}).items()}
    return {**side["all"], "places": side["places"], **urgent}


def _told(value: float | None, say: Say) -> str:
    return "–" if value is None else say.number(value)


def _difference(row: Row, say: Say) -> str:
    if row.today is None or row.tried is None:
        return "–"
    more = row.tried - row.today
    return f"{'+' if more > 0 else '−' if more < 0 else ''}{say.number(abs(more))}"
