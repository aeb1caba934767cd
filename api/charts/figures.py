"""The chances of a draw as a chart for notebooks; pages draw them by `api.charts.pieces`."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from api.charts.labels import part_name, row_name, summary, title
from api.charts.theme import Figure
from api.i18n import Words
from booking.country.figures.measures import Measure
from booking.country.figures.tables import ALL, ROW

_ROW_HEIGHT = 26


def chances_of(measure: Measure, frame: pd.DataFrame, words: Words, *, names: Mapping[str, str]) -> Figure:
    """Draw the share of a figure's first part in each row.

    Parameters
    ----------
    frame
        What `booking.country.figures.counting.counted` returns; hidden counts are left out.
    names
        Offices and services in the reader's language, by code.
    """
    first = measure.shape.parts[0]
    known = frame[(frame[ROW] != ALL) & frame[first].notna() & frame[ALL].notna() & (frame[ALL] > 0)]
    shares = pd.DataFrame(
        {
            "row": [row_name(row, measure.rows, names, words) for row in known[ROW]],
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
    return Figure(layers, title=title(measure, words), summary=summary(measure, words), words=words)
