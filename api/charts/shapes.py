"""Shapes that several charts share: bars beside each other, bars alone, lines. All in them is in words already."""

from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd

from api.charts.theme import PALETTE
from api.i18n import Words

_BAR: Final = 16
_ROW: Final = 26
_LABELS: Final = 360


def long_form(table: pd.DataFrame, *, index: str = "x", value: str = "y") -> pd.DataFrame:
    """Return a row for each cell, as `lines` takes it: the table's index, ``part`` (its column), and its value."""
    frame = table.rename_axis(index).reset_index()
    return frame.melt(id_vars=index, value_vars=list(table.columns), var_name="part", value_name=value)


def bars_beside(table: pd.DataFrame, *, axis: str, words: Words, percent: bool = False) -> alt.LayerChart:
    """Draw for each row a bar of each part, with its number at the end.

    Parameters
    ----------
    table
        Rows (index) and parts (columns) in the order in which they are read; the parts have a legend. A value that is
        not known is left out.
    axis
        What is counted.
    percent
        Values are shares.
    """
    rows, parts = list(table.index), list(table.columns)
    frame = long_form(table, index="row", value="value")
    known = frame[frame["value"].notna()]
    told = known.assign(told=[_told(float(value), words, percent=percent) for value in known["value"]])
    base = alt.Chart(told).encode(
        y=alt.Y("row:N", sort=rows, title=None, axis=alt.Axis(labelLimit=_LABELS), scale=alt.Scale(padding=0.3)),
        yOffset=alt.YOffset("part:N", sort=parts),
    )
    x = alt.X("value:Q", title=axis, axis=alt.Axis(format="%") if percent else alt.Axis())
    colour = alt.Color(
        "part:N", title=None, sort=parts, scale=alt.Scale(domain=parts, range=list(PALETTE[: len(parts)]))
    )
    layers: alt.LayerChart = (
        base.mark_bar().encode(x=x, color=colour) + base.mark_text(align="left", dx=4).encode(x=x, text="told:N")
    ).properties(height=alt.Step(_BAR, **{"for": "offset"}))
    return layers


def bars(frame: pd.DataFrame, *, rows: Sequence[str], axis: str, words: Words) -> alt.LayerChart:
    """Draw a bar for each row (``row``, ``value``), with its number at the end."""
    told = frame.assign(told=[_told(float(value), words, percent=False) for value in frame["value"]])
    base = alt.Chart(told).encode(
        y=alt.Y("row:N", sort=list(rows), title=None, axis=alt.Axis(labelLimit=_LABELS)),
        x=alt.X("value:Q", title=axis),
    )
    layers: alt.LayerChart = (base.mark_bar() + base.mark_text(align="left", dx=4).encode(text="told:N")).properties(
        height=alt.Step(_ROW)
    )
    return layers


def lines(frame: pd.DataFrame, *, parts: Sequence[str], across: str, up: str, percent: Sequence[str] = ()) -> alt.Chart:
    """Draw a line for each part (``x``, ``y``, ``part``), told apart by colour and by dashes.

    Parameters
    ----------
    across, up
        What the axes are.
    percent
        Which axes are shares: "x", "y" or both.
    """
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("x:Q", title=across, axis=alt.Axis(format="%") if "x" in percent else alt.Axis()),
            y=alt.Y("y:Q", title=up, axis=alt.Axis(format="%") if "y" in percent else alt.Axis()),
            color=alt.Color(
                "part:N",
                title=None,
                legend=alt.Legend(labelLimit=_LABELS),
                sort=list(parts),
                scale=alt.Scale(domain=list(parts), range=list(PALETTE[: len(parts)])),
            ),
            strokeDash=alt.StrokeDash("part:N", legend=None, sort=list(parts)),
        )
    )
    return chart


def _told(value: float, words: Words, *, percent: bool) -> str:
    if percent:
        return words.digits(f"{100 * value:.1f}%") if 0 < value < 0.1 else words.percent(value)  # noqa: PLR2004
    return words.number(round(value) if abs(value) >= 10 or value == round(value) else round(value, 2))  # noqa: PLR2004
