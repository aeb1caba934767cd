"""Draw a counted figure: parts beside time, parts of each row, or chances."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from api.charts.labels import UNTOLD, part_name, row_name, summary, title
from api.charts.theme import PALETTE, Figure
from api.i18n import Words
from booking.figures.measures import Look, Measure, Rows
from booking.figures.tables import ALL, ROW

_ROW_HEIGHT = 26
_GAP = "var(--paper,#fff)"
_FAINT = "var(--line,#c3cfca)"


def draw(measure: Measure, frame: pd.DataFrame, *, names: Mapping[str, str], words: Words) -> Figure:
    """Draw a figure.

    Parameters
    ----------
    frame
        What `booking.figures.counting.counted` returns; hidden counts are left out.
    names
        Offices and services in the reader's language, by code.
    """
    shown = frame[frame[ROW] != ALL]
    chart: alt.Chart | alt.LayerChart
    match measure.look:
        case Look.OVER_TIME:
            chart = _over_time(measure, _long(measure, shown, words), words)
        case Look.SPLIT:
            chart = _split(measure, _named(measure, _long(measure, shown, words), names, words), words)
        case Look.CHANCE:
            chart = _chance(measure, _named(measure, shown, names, words), words)
    return Figure(chart, title=title(measure, words), summary=summary(measure, words), words=words)


def _over_time(measure: Measure, long: pd.DataFrame, words: Words) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(long)
        .mark_bar(stroke=_GAP, strokeWidth=1)
        .encode(
            x=alt.X("row:T", timeUnit="utcyearmonthdate", title=None),
            y=alt.Y("count:Q", title=_unit(measure, words), axis=alt.Axis(tickMinStep=1)),
            color=_colour(measure, words, long),
            order="order:Q",
        )
    )
    return chart


def _split(measure: Measure, long: pd.DataFrame, words: Words) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(long)
        .mark_bar(stroke=_GAP, strokeWidth=1)
        .encode(
            y=alt.Y("row:N", sort=None, title=None),
            x=alt.X("count:Q", title=_unit(measure, words), axis=alt.Axis(tickMinStep=1)),
            color=_colour(measure, words, long),
            order="order:Q",
        )
        .properties(height=alt.Step(_ROW_HEIGHT))
    )
    return chart


def _chance(measure: Measure, named: pd.DataFrame, words: Words) -> alt.LayerChart:
    first = measure.shape.parts[0]
    known = named[named[first].notna() & named[ALL].notna() & (named[ALL] > 0)]
    shares = pd.DataFrame(
        {
            "row": known[ROW],
            "share": known[first].astype("float64") / known[ALL].astype("float64"),
            "of": [words.gettext("of %(all)s") % {"all": words.number(int(number))} for number in known[ALL]],
        }
    )
    base = alt.Chart(shares).encode(y=alt.Y("row:N", sort=None, title=None))
    scale = alt.Scale(domain=[0, 1])
    bars = base.mark_bar().encode(
        x=alt.X("share:Q", scale=scale, title=part_name(first, words), axis=alt.Axis(format="%"))
    )
    told = base.mark_text(align="left", dx=6).encode(x=alt.X("share:Q", scale=scale), text="of:N")
    layers: alt.LayerChart = (bars + told).properties(height=alt.Step(_ROW_HEIGHT))
    return layers


def _long(measure: Measure, frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return a row for each count that is shown, its part in words and in its order; what is hidden of a sum is one."""
    parts = [*measure.shape.parts, UNTOLD]
    shown = frame[list(measure.shape.parts)].fillna(0).sum(axis=1)
    long = frame.assign(**{UNTOLD: (frame[ALL] - shown).replace(0, pd.NA)}).melt(
        id_vars=ROW, value_vars=parts, var_name="code", value_name="count"
    )
    long = long[long["count"].notna()]
    return pd.DataFrame(
        {
            "row": long[ROW],
            "part": [part_name(code, words) for code in long["code"]],
            "order": [parts.index(code) for code in long["code"]],
            "count": long["count"].astype("int64"),
        }
    )


def _named(measure: Measure, frame: pd.DataFrame, names: Mapping[str, str], words: Words) -> pd.DataFrame:
    return frame.assign(row=[row_name(row, measure.rows, names, words) for row in frame[ROW]])


def _colour(measure: Measure, words: Words, long: pd.DataFrame) -> alt.Color:
    parts = [part_name(part, words) for part in measure.shape.parts]
    colours = list(PALETTE[: len(parts)])
    untold = part_name(UNTOLD, words)
    if untold in set(long["part"]):
        parts, colours = [*parts, untold], [*colours, _FAINT]
    return alt.Color("part:N", title=None, scale=alt.Scale(domain=parts, range=colours))


def _unit(measure: Measure, words: Words) -> str:
    if measure.name == "load":
        return words.gettext("Quarter hours")
    visits = measure.rows is Rows.OFFICE or measure.name == "visits"
    return words.gettext("Appointments") if visits else words.gettext("Requests")
