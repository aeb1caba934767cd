"""Demand against capacity on a map of the offices, and as a heat-map of offices and weekdays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd

from api.charts.theme import PALETTE, Figure
from api.i18n import N_, Words

LEVELS: Final = (
    (1.0, N_("fewer than one asks for each place")),
    (1.5, N_("up to one and a half")),
    (2.5, N_("up to two and a half")),
    (math.inf, N_("more")),
)
UNTOLD: Final = N_("fewer than five people")
_COLOURS: Final = (PALETTE[0], PALETTE[4], PALETTE[1], PALETTE[3], PALETTE[5])
_LABEL_WIDTH: Final = 0.25
_LABEL_HEIGHT: Final = 0.055
"""Room of a label, of the map's width and height."""
_MAP_HEIGHT: Final = 420
_ROW: Final = 30


@dataclass(frozen=True, slots=True)
class Point:
    """An office on the map: ``ratio`` is units asked for each place; None where that is not shown."""

    name: str
    latitude: float
    longitude: float
    places: int
    ratio: float | None


def level(ratio: float | None, words: Words) -> str:
    """Return words for how much is asked for each place."""
    if ratio is None:
        return words.gettext(UNTOLD)
    return words.gettext(next(name for most, name in LEVELS if ratio < most))


def office_map(points: Sequence[Point], words: Words) -> Figure:
    """Draw the offices where they are: the circle's area is its places; colour and number say how much is asked."""
    middle = sum(point.latitude for point in points) / max(1, len(points))
    narrow = math.cos(math.radians(middle))
    side = -1 if words.direction == "rtl" else 1  # the chart is mirrored in Arabic, and the east must stay the east
    frame = pd.DataFrame(
        [
            {
                "x": side * point.longitude * narrow,
                "y": point.latitude,
                "places": point.places,
                "level": level(point.ratio, words),
                "told": f"{point.name} {ratio_told(point.ratio, words)}",
            }
            for point in sorted(points, key=lambda one: one.ratio or 0)  # where most is asked lies on top
        ],
        columns=["x", "y", "places", "level", "told"],
    )
    frame["label_y"] = _label_heights(frame)
    around = alt.Scale(zero=False, padding=36)
    base = alt.Chart(frame).encode(x=alt.X("x:Q", axis=None, scale=around), y=alt.Y("y:Q", axis=None, scale=around))
    circles = base.mark_circle(opacity=0.75, stroke="currentColor", strokeWidth=0.5).encode(
        size=alt.Size("places:Q", legend=None, scale=alt.Scale(rangeMin=30, rangeMax=520, zero=True)),
        color=_colour(words),
    )
    labels = base.mark_text(align="left", dx=15, fontSize=11).encode(
        y=alt.Y("label_y:Q", axis=None, scale=around), text="told:N"
    )
    chart: alt.LayerChart = (circles + labels).properties(height=_MAP_HEIGHT)
    return Figure(
        chart,
        title=words.gettext("Demand against capacity, where the offices are"),
        summary=words.gettext(
            "The number is how many quarter hours were asked for each that the draw can give; the larger the circle, "
            "the more places."
        ),
        words=words,
    )


def heat_map(cells: Sequence[tuple[str, str, float | None]], weekdays: Sequence[str], words: Words) -> Figure:
    """Draw offices (rows, in their order) against weekdays (columns, in theirs), with the ratio in each cell."""
    frame = pd.DataFrame(
        [(office, day, level(ratio, words), ratio_told(ratio, words)) for office, day, ratio in cells],
        columns=["office", "day", "level", "told"],
    )
    base = alt.Chart(frame).encode(
        x=alt.X("day:N", sort=list(weekdays), title=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("office:N", sort=list(dict.fromkeys(frame["office"])), title=None, axis=alt.Axis(labelLimit=320)),
    )
    chart: alt.LayerChart = (
        base.mark_rect(opacity=0.4).encode(color=_colour(words)) + base.mark_text().encode(text="told:N")
    ).properties(height=alt.Step(_ROW))
    return Figure(
        chart,
        title=words.gettext("Demand against capacity, by weekday"),
        summary=words.gettext(
            "Where most is asked for each place stands first. Who accepts several weekdays counts a part on each."
        ),
        words=words,
    )


def ratio_told(ratio: float | None, words: Words) -> str:
    """Write a ratio; a dash where it is not shown."""
    return "–" if ratio is None else words.digits(f"{ratio:.1f}")


def _colour(words: Words) -> alt.Color:
    names = [words.gettext(name) for _, name in LEVELS] + [words.gettext(UNTOLD)]
    return alt.Color(
        "level:N",
        title=words.gettext("Asked for each place"),
        scale=alt.Scale(domain=names, range=list(_COLOURS)),
        legend=alt.Legend(columns=2),
    )


def _label_heights(frame: pd.DataFrame) -> list[float]:
    """Return the height of each label: beside its point, or below the labels that stand there already."""
    width, height = (max(1e-9, frame[axis].max() - frame[axis].min()) if len(frame) else 1.0 for axis in "xy")
    rows = sorted(range(len(frame)), key=lambda row: -frame["y"][row])
    found: dict[int, float] = {}
    for row in rows:
        at = frame["y"][row]
        for other in sorted(found, key=lambda one: -found[one]):
            beside = abs(frame["x"][row] - frame["x"][other]) < _LABEL_WIDTH * width
            if beside and abs(at - found[other]) < _LABEL_HEIGHT * height:
                at = found[other] - _LABEL_HEIGHT * height
        found[row] = float(at)
    return [found[row] for row in range(len(frame))]
