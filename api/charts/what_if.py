"""Charts of a what-if: today's quotas beside those that were tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd

from api.charts.theme import PALETTE, Figure
from api.i18n import Words

_ROW: Final = 46


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of such a chart: its name, both values, and what is written beside each bar."""

    name: str
    today: float
    tried: float
    today_told: str
    tried_told: str


def side_by_side(pairs: Sequence[Pair], *, share: bool, axis: str, title: str, summary: str, words: Words) -> Figure:
    """Draw two bars for each row, today's above.

    Parameters
    ----------
    share
        The values are shares between 0 and 1.
    axis
        What the length of a bar is.
    """
    names = [words.gettext("Today's quotas"), words.gettext("The tried quotas")]
    frame = pd.DataFrame(
        [
            {"row": pair.name, "which": which, "value": value, "told": told}
            for pair in pairs
            for which, value, told in zip(
                names, (pair.today, pair.tried), (pair.today_told, pair.tried_told), strict=True
            )
        ]
    )
    scale = alt.Scale(domain=[0, 1]) if share else alt.Scale(domainMin=0)
    base = alt.Chart(frame).encode(
        y=alt.Y("row:N", sort=[pair.name for pair in pairs], title=None, axis=alt.Axis(labelLimit=320)),
        yOffset=alt.YOffset("which:N", sort=names),
        x=alt.X("value:Q", scale=scale, title=axis, axis=alt.Axis(format="%") if share else alt.Axis(tickMinStep=1)),
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            "which:N", title=None, sort=names, scale=alt.Scale(domain=names, range=[PALETTE[5], PALETTE[0]])
        )
    )
    told = base.mark_text(align="left", dx=6).encode(text="told:N")
    chart: alt.LayerChart = (bars + told).properties(height=alt.Step(_ROW))
    return Figure(chart, title=title, summary=summary, words=words)
