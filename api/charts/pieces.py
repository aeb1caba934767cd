"""Figures as pages draw them: bars and columns made of pieces, their words apart. Needs no drawing engine.

A piece has a `Meaning`, and a meaning has one colour on every page (`api/static/workbench.css`): what was refused looks
the same on every board. All that is read is HTML beside the drawing, so nothing is cut on a phone and nothing mirrored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

import pandas as pd

from api.charts.findings import Counts, finding, part_of
from api.charts.labels import UNTOLD, axis_name, part_name, row_name, summary, title
from api.i18n import Words
from booking.country.figures.measures import Look, Measure, Rows
from booking.country.figures.tables import ALL, ROW

MOST_COLUMNS: Final = 62
"""Days that have a column each; of a longer time each week has one."""
_WEEK: Final = 7
_OF_NUMBERS: Final = frozenset({Rows.PRIORITY, Rows.CHOICES, Rows.PARTY, Rows.DEVICE_USE})


class Meaning(StrEnum):
    """What a colour says; each is a class of the style sheet."""

    USED = "is-used"
    GOING = "is-going"
    WARN = "is-warn"
    BAD = "is-bad"
    OFFICER = "is-officer"
    OTHER = "is-other"
    FAINT = "is-faint"


_MEANINGS: Final[Mapping[Meaning, str]] = {
    Meaning.USED: "accept served normal under_hour placed passed upheld taken on_time in_time within",
    Meaning.GOING: "expected under_day confirmed open free early waiting_within",
    Meaning.WARN: "challenge lapsed degraded under_five_days offered late waiting_beyond",
    Meaning.BAD: "refuse no_show longer rejected overrun beyond",
    Meaning.OFFICER: "review",
    Meaning.OTHER: "cancelled under_two_days given_up withdrawn",
    Meaning.FAINT: f"not_placed {UNTOLD}",
}
MEANING: Final[Mapping[str, Meaning]] = {part: one for one, parts in _MEANINGS.items() for part in parts.split()}
"""Of every part of every figure."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: where it begins and how long it is, in per cent of the longest one."""

    meaning: Meaning
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, what is written at its end, its pieces."""

    name: str
    told: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure in a reader's language: bars below each other, or columns beside each other in time.

    ``finding`` says what it shows now. ``legend`` names the colours that are there. Of columns ``most`` is the largest
    number, ``first`` and ``last`` are the days at their ends, and ``weekly`` says that each is a week.
    """

    title: str
    summary: str
    finding: str
    legend: Sequence[tuple[Meaning, str]] = ()
    bars: Sequence[Bar] = ()
    columns: Sequence[Sequence[Piece]] = ()
    most: str = ""
    first: str = ""
    last: str = ""
    weekly: bool = False


def draw(measure: Measure, frame: pd.DataFrame, *, names: Mapping[str, str], words: Words) -> Drawn:
    """Draw a figure.

    Parameters
    ----------
    frame
        What `booking.country.figures.counting.counted` returns; what is hidden of a known sum is a part of its own.
    names
        Offices and services in the reader's language, by code.
    """
    rows = [(str(record[ROW]), _counts(record, measure)) for record in frame[frame[ROW] != ALL].to_dict("records")]
    named = [(row_name(code, measure.rows, names, words), counts) for code, counts in rows]
    spoken = [(_spoken(name, measure.rows, words), counts) for name, counts in named]
    told = Drawn(title(measure, words), summary(measure, words), finding(measure, spoken, words))
    if measure.look is Look.CHANCE:
        first = measure.shape.parts[0]
        return replace(
            told, bars=[_chance(name, counts, first, words) for name, counts in named if sum(counts.values())]
        )
    legend = _legend(measure, [counts for _, counts in rows], words)
    if measure.look is Look.OVER_TIME:
        return _over_time(replace(told, legend=legend), rows, words)
    if measure.rows in {Rows.OFFICE, Rows.REASON}:
        named.sort(key=lambda one: -sum(one[1].values()))
    longest = max((sum(counts.values()) for _, counts in named), default=0)
    bars = [_bar(name, counts, longest, words) for name, counts in named if sum(counts.values())]
    return replace(told, legend=legend, bars=bars)


def _spoken(name: str, rows: Rows, words: Words) -> str:
    """Return a row's name for a sentence: a number alone would not say of what it is."""
    return f"{axis_name(rows, words)} {name}" if rows in _OF_NUMBERS else name


def _counts(record: Mapping[object, object], measure: Measure) -> Counts:
    known = {part: count for part in measure.shape.parts if isinstance(count := record[part], int)}
    hidden = (total if isinstance(total := record[ALL], int) else 0) - sum(known.values())
    return known | {UNTOLD: hidden} if hidden > 0 else known


def _bar(name: str, counts: Counts, longest: int, words: Words) -> Bar:
    return Bar(name, words.number(sum(counts.values())), _pieces(counts, longest))


def _chance(name: str, counts: Counts, first: str, words: Words) -> Bar:
    number, of = counts.get(first, 0), sum(counts.values())
    return Bar(name, part_of(number, of, words), _pieces({first: number}, of))


def _pieces(counts: Counts, longest: int) -> list[Piece]:
    start, found = 0.0, []
    for part, count in counts.items():
        if count:
            length = 100 * count / longest
            found.append(Piece(MEANING[part], round(start, 1), round(length, 1)))
            start += length
    return found


def _legend(measure: Measure, rows: Sequence[Counts], words: Words) -> list[tuple[Meaning, str]]:
    there = {part for counts in rows for part, count in counts.items() if count}
    return [(MEANING[part], part_name(part, words)) for part in (*measure.shape.parts, UNTOLD) if part in there]


def _over_time(told: Drawn, rows: Sequence[tuple[str, Counts]], words: Words) -> Drawn:
    every = _WEEK if len(rows) > MOST_COLUMNS else 1
    counted = [_together([counts for _, counts in rows[at : at + every]]) for at in range(0, len(rows), every)]
    longest = max((sum(counts.values()) for counts in counted), default=0)
    first, last = (words.short_day(date.fromisoformat(rows[place][0])) for place in (0, -1))
    columns = [_pieces(counts, longest) for counts in counted]
    most = words.number(longest)
    return replace(told, columns=columns, most=most, first=first, last=last, weekly=every == _WEEK)


def _together(rows: Sequence[Counts]) -> Counts:
    parts = dict.fromkeys(part for counts in rows for part in counts)
    return {part: sum(counts.get(part, 0) for counts in rows) for part in parts}
