"""Every figure by name: what is counted, into which parts, by which statement, and on which board it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from booking.country.figures import statements as sql
from booking.country.figures.tables import Shape


class Board(StrEnum):
    """A page of figures."""

    TODAY = "today"
    DRAWS = "draws"
    FRAUD = "fraud"
    OFFICES = "offices"
    LEVELS = "levels"


class Rows(StrEnum):
    """What the rows of a table are."""

    DAY = "day"
    OFFICE = "office"
    SERVICE = "service"
    QUEUE = "queue"
    REASON = "reason"
    DEVICE_USE = "device_use"
    PRIORITY = "priority"
    CHOICES = "choices"
    PARTY = "party"
    DOOR = "door"


class Look(StrEnum):
    """How a table is drawn: parts beside time, parts of each row, or the share of the first part."""

    OVER_TIME = "over_time"
    SPLIT = "split"
    CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure. ``statement`` gives ``row``, ``part`` and ``count`` for the values of `figures.wanted`."""

    name: str
    board: Board
    rows: Rows
    look: Look
    shape: Shape
    statement: str


_VERDICTS: Final = ("accept", "challenge", "review", "refuse")
_VISITS: Final = ("served", "expected", "no_show", "cancelled", "lapsed")
_AGES: Final = ("under_hour", "under_day", "under_two_days", "under_five_days", "longer")
_PLACED: Final = Shape(("placed", "not_placed"))

MEASURES: Final[Mapping[str, Measure]] = {
    one.name: one
    for one in (
        Measure("asked", Board.TODAY, Rows.DAY, Look.OVER_TIME, Shape(_VERDICTS), sql.ASKED),
        Measure("visits", Board.TODAY, Rows.DAY, Look.OVER_TIME, Shape(_VISITS), sql.VISITS),
        Measure("waiting", Board.TODAY, Rows.QUEUE, Look.SPLIT, Shape(_AGES, rows_add_up=False), sql.WAITING),
        Measure("degraded", Board.TODAY, Rows.DAY, Look.OVER_TIME, Shape(("normal", "degraded")), sql.DEGRADED),
        Measure(
            "funnel",
            Board.DRAWS,
            Rows.SERVICE,
            Look.SPLIT,
            Shape(("served", "confirmed", "offered", "no_show", "given_up", "not_placed")),
            sql.FUNNEL,
        ),
        Measure("chance-by-priority", Board.DRAWS, Rows.PRIORITY, Look.CHANCE, _PLACED, sql.CHANCE_BY_PRIORITY),
        Measure("chance-by-choices", Board.DRAWS, Rows.CHOICES, Look.CHANCE, _PLACED, sql.CHANCE_BY_CHOICES),
        Measure("chance-by-party", Board.DRAWS, Rows.PARTY, Look.CHANCE, _PLACED, sql.CHANCE_BY_PARTY),
        Measure("chance-by-door", Board.DRAWS, Rows.DOOR, Look.CHANCE, _PLACED, sql.CHANCE_BY_DOOR),
        Measure(
            "reasons",
            Board.FRAUD,
            Rows.REASON,
            Look.SPLIT,
            Shape(("challenge", "review", "refuse"), rows_add_up=False),
            sql.REASONS,
        ),
        Measure("device-use", Board.FRAUD, Rows.DEVICE_USE, Look.SPLIT, Shape(_VERDICTS), sql.DEVICE_USE),
        Measure("checks", Board.FRAUD, Rows.DAY, Look.OVER_TIME, Shape(("passed", "open", "given_up")), sql.CHECKS),
        Measure("reviews", Board.FRAUD, Rows.DAY, Look.OVER_TIME, Shape(("accept", "refuse")), sql.REVIEWS),
        Measure(
            "appeals",
            Board.FRAUD,
            Rows.DAY,
            Look.OVER_TIME,
            Shape(("open", "upheld", "rejected", "withdrawn")),
            sql.APPEALS,
        ),
        Measure("load", Board.OFFICES, Rows.OFFICE, Look.SPLIT, Shape(("taken", "free")), sql.LOAD),
        Measure("attendance", Board.OFFICES, Rows.OFFICE, Look.SPLIT, Shape(_VISITS), sql.ATTENDANCE),
        Measure("arrivals", Board.OFFICES, Rows.OFFICE, Look.SPLIT, Shape(("early", "on_time", "late")), sql.ARRIVALS),
        Measure("endings", Board.OFFICES, Rows.OFFICE, Look.SPLIT, Shape(("in_time", "overrun")), sql.ENDINGS),
        Measure(
            "answers",
            Board.LEVELS,
            Rows.QUEUE,
            Look.SPLIT,
            Shape(_AGES, rows_add_up=False),
            sql.ANSWERS,
        ),
        Measure(
            "waits",
            Board.LEVELS,
            Rows.SERVICE,
            Look.SPLIT,
            Shape(("within", "waiting_within", "beyond", "waiting_beyond")),
            sql.WAITS,
        ),
    )
}
"""In the order of their boards."""


def on_board(board: Board) -> list[Measure]:
    """Return the figures of a page, in their order."""
    return [one for one in MEASURES.values() if one.board is board]
