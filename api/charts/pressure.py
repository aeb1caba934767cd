"""Demand against capacity: where the offices are, and by weekday. Needs no drawing engine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.charts.pieces import Bar, Meaning, Piece
from api.i18n import N_, Words

LEVELS: Final = (
    (1.0, Meaning.GOING, N_("fewer than one asks for each place")),
    (1.5, Meaning.USED, N_("up to one and a half")),
    (2.5, Meaning.WARN, N_("up to two and a half")),
    (math.inf, Meaning.BAD, N_("more")),
)
NUMBERED: Final = 8
"""Offices that have their number on the map: those where most is asked."""
_PAD: Final = 6.0
_SMALLEST, _WIDER = 1.3, 2.6
_HEIGHTS: Final = (40.0, 100.0)


@dataclass(frozen=True, slots=True)
class Point:
    """An office on the map: ``ratio`` is units asked for each place; None where it has none."""

    name: str
    latitude: float
    longitude: float
    places: int
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A circle on a map that is 100 wide; ``number`` is empty but for those where most is asked."""

    x: float
    y: float
    radius: float
    meaning: Meaning
    number: str


@dataclass(frozen=True, slots=True)
class OfficeMap:
    """The offices where they are, and the same as bars: the first are those where most is asked for each place."""

    title: str
    summary: str
    finding: str
    legend: Sequence[tuple[Meaning, str]]
    height: float
    spots: Sequence[Spot]
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Heat:
    """Offices (rows) against weekdays (columns): what is asked for each place, and its colour; None: no place there."""

    title: str
    summary: str
    finding: str
    legend: Sequence[tuple[Meaning, str]]
    weekdays: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[Meaning, str] | None]]]


def level(ratio: float, words: Words) -> str:
    """Return words for how much is asked for each place."""
    return words.gettext(next(name for most, _, name in LEVELS if ratio < most))


def office_map(points: Sequence[Point], words: Words) -> OfficeMap:
    """Draw the offices where they are: the circle's area is its places, its colour how much is asked."""
    ranked = sorted(points, key=lambda point: -(point.ratio or 0))
    longest = max((point.ratio or 0 for point in ranked), default=0) or 1
    spots, height = _spots(ranked, words)
    return OfficeMap(
        title=words.gettext("Demand against capacity, where the offices are"),
        summary=words.gettext(
            "The number is how many quarter hours were asked for each that the draw can give; the larger the circle, "
            "the more places."
        ),
        finding=_most([(point.ratio, point.name) for point in ranked], words),
        legend=_legend(words),
        height=height,
        spots=spots[::-1],
        bars=[
            Bar(
                f"{words.number(place)}. {point.name}",
                ratio_told(point.ratio, words),
                [Piece(_meaning(point.ratio), 0, round(100 * (point.ratio or 0) / longest, 1))],
            )
            for place, point in enumerate(ranked, 1)
        ],
    )


def heat_map(rows: Sequence[tuple[str, Sequence[float | None]]], weekdays: Sequence[str], words: Words) -> Heat:
    """Set offices (in their order) against weekdays (in theirs), with the ratio in each cell."""
    cells = [(ratio, words.listed([name, day])) for name, row in rows for day, ratio in zip(weekdays, row, strict=True)]
    return Heat(
        title=words.gettext("Demand against capacity, by weekday"),
        summary=words.gettext(
            "Where most is asked for each place comes first. A request for several weekdays counts in part on each."
        ),
        finding=_most(cells, words),
        legend=_legend(words),
        weekdays=weekdays,
        rows=[
            (name, [None if ratio is None else (_meaning(ratio), ratio_told(ratio, words)) for ratio in row])
            for name, row in rows
        ],
    )


def ratio_told(ratio: float | None, words: Words) -> str:
    """Write a ratio; a dash where there is no place."""
    return "–" if ratio is None else words.digits(f"{ratio:.1f}")


def _meaning(ratio: float | None) -> Meaning:
    return next(meaning for most, meaning, _ in LEVELS if (ratio or 0) < most)


def _legend(words: Words) -> list[tuple[Meaning, str]]:
    return [(meaning, words.gettext(name)) for _, meaning, name in LEVELS]


def _most(ratios: Sequence[tuple[float | None, str]], words: Words) -> str:
    """Say where most is asked; empty where nobody asked."""
    ratio, name = max(((ratio or 0, name) for ratio, name in ratios), default=(0, ""))
    told = {"name": name, "ratio": ratio_told(ratio, words)}
    return words.say(N_("Most is asked here: %(name)s, %(ratio)s for each place."), told) if ratio else ""


def _spots(ranked: Sequence[Point], words: Words) -> tuple[list[Spot], float]:
    """Return the circles in their order, and the map's height: north is up and east is right in every language."""
    if not ranked:
        return [], _HEIGHTS[0]
    narrow = math.cos(math.radians(sum(point.latitude for point in ranked) / len(ranked)))
    west, east = (pick(point.longitude for point in ranked) * narrow for pick in (min, max))
    south, north = (pick(point.latitude for point in ranked) for pick in (min, max))
    scale = (100 - 2 * _PAD) / max(east - west, (north - south) / 2, 0.1)
    height = min(_HEIGHTS[1], max(_HEIGHTS[0], (north - south) * scale + 2 * _PAD))
    most = max(point.places for point in ranked)
    found = [
        Spot(
            x=round(50 + (point.longitude * narrow - (west + east) / 2) * scale, 1),
            y=round(height / 2 - (point.latitude - (south + north) / 2) * scale, 1),
            radius=round(_SMALLEST + _WIDER * math.sqrt(point.places / most), 1),
            meaning=_meaning(point.ratio),
            number=words.number(place) if place <= NUMBERED and point.ratio else "",
        )
        for place, point in enumerate(ranked, 1)
    ]
    return [_readable(spot, found[:place]) for place, spot in enumerate(found)], round(height, 1)


def _readable(spot: Spot, before: Sequence[Spot]) -> Spot:
    """Leave the number out where that of an office with more demand stands in its place."""
    near = (one for one in before if one.number and math.dist((one.x, one.y), (spot.x, spot.y)) < one.radius)
    return replace(spot, number="") if any(near) else spot
