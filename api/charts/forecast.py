"""The chart of a forecast: what was asked, what may be, and how sure that is."""

from typing import Final

import altair as alt
import pandas as pd

from api.charts.theme import COLOURS, Figure
from api.i18n import N_, Words

_WIDTH: Final = 340
"""Of the plot, in pixels: its words can still be read on a phone."""


def forecast_chart(history: pd.DataFrame, weeks: pd.DataFrame, words: Words, *, title: str) -> Figure:
    """Draw one office and service.

    Parameters
    ----------
    history
        ``week`` and ``requests`` of past weeks.
    weeks
        ``week``, ``mean``, ``low_95``, ``low_80``, ``high_80``, ``high_95`` of coming weeks.
    title
        The office and the service, in the reader's language.
    """
    asked, expected = words.gettext("Asked"), words.gettext("Expected demand")
    lines = pd.concat(
        [
            pd.DataFrame({"week": pd.to_datetime(history["week"]), "requests": history["requests"], "line": asked}),
            pd.DataFrame({"week": pd.to_datetime(weeks["week"]), "requests": weeks["mean"], "line": expected}),
        ]
    )
    bands = weeks.assign(week=pd.to_datetime(weeks["week"]))
    x = alt.X("week:T", title=None, axis=alt.Axis(format="%-d %B %Y"))
    band = alt.Chart(bands).encode(x=x)
    wide = band.mark_area(color=COLOURS["going"], opacity=0.15).encode(
        y=alt.Y("low_95:Q", title=words.gettext("Requests a week")), y2="high_95:Q"
    )
    narrow = band.mark_area(color=COLOURS["going"], opacity=0.3).encode(y="low_80:Q", y2="high_80:Q")
    line = (
        alt.Chart(lines)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y="requests:Q",
            color=alt.Color(
                "line:N",
                title=None,
                scale=alt.Scale(domain=[asked, expected], range=[COLOURS["used"], COLOURS["going"]]),
            ),
        )
    )
    summary = words.gettext(
        "Requests of each week. In four weeks of five the number should lie in the darker band, in nineteen of twenty "
        "in the lighter one."
    )
    first = weeks.iloc[0]
    finding = words.say(
        N_("The week from %(day)s: about %(mean)s requests, four times of five between %(low)s and %(high)s."),
        {"day": words.short_day(first["week"])}
        | {name: round(first[column]) for name, column in (("mean", "mean"), ("low", "low_80"), ("high", "high_80"))},
    )
    chart: alt.LayerChart = (wide + narrow + line).properties(width=_WIDTH)
    return Figure(chart, title=title, summary=summary, words=words, finding=finding)
