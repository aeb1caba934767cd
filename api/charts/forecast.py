"""The chart of a forecast: what was asked, what may be, and how sure that is."""

import altair as alt
import pandas as pd

from api.charts.theme import PALETTE, Figure
from api.i18n import Words
from booking.figures.disclosure import LEAST


def forecast_chart(history: pd.DataFrame, weeks: pd.DataFrame, words: Words, *, title: str) -> Figure:
    """Draw one office and service.

    Parameters
    ----------
    history
        ``week``, ``requests``, ``people`` of past weeks; a week of fewer than five people is left out.
    weeks
        ``week``, ``mean``, ``low_95``, ``low_80``, ``high_80``, ``high_95`` of coming weeks.
    title
        The office and the service, in the reader's language.
    """
    asked, expected = words.gettext("Asked"), words.gettext("Expected demand")
    past = history[(history["people"] >= LEAST) | (history["people"] == 0)]
    lines = pd.concat(
        [
            pd.DataFrame({"week": pd.to_datetime(past["week"]), "requests": past["requests"], "line": asked}),
            pd.DataFrame({"week": pd.to_datetime(weeks["week"]), "requests": weeks["mean"], "line": expected}),
        ]
    )
    bands = weeks.assign(week=pd.to_datetime(weeks["week"]))
    x = alt.X("week:T", title=None, axis=alt.Axis(format="%-d %B %Y"))
    band = alt.Chart(bands).encode(x=x)
    wide = band.mark_area(color=PALETTE[1], opacity=0.15).encode(
        y=alt.Y("low_95:Q", title=words.gettext("Requests a week")), y2="high_95:Q"
    )
    narrow = band.mark_area(color=PALETTE[1], opacity=0.3).encode(y="low_80:Q", y2="high_80:Q")
    line = (
        alt.Chart(lines)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y="requests:Q",
            color=alt.Color("line:N", title=None, scale=alt.Scale(domain=[asked, expected], range=list(PALETTE[:2]))),
        )
    )
    summary = words.gettext(
        "Requests of each week. In four weeks of five the number should lie in the darker band, in nineteen of twenty "
        "in the lighter one."
    )
    return Figure(wide + narrow + line, title=title, summary=summary, words=words)
