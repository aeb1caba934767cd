"""How many ask, week by week, with the seasons of both calendars behind."""

import altair as alt
import pandas as pd

from api.charts.theme import PALETTE, Figure
from api.i18n import N_, Words


def weekly_demand(weekly: pd.DataFrame, seasons: pd.DataFrame, words: Words) -> Figure:
    """Draw a country's requests of each week.

    Parameters
    ----------
    weekly
        ``week``, ``requests``.
    seasons
        ``season`` in the reader's language, ``first`` and ``last`` day; at most five seasons, each as often as it came.
    """
    frame = weekly.assign(week=pd.to_datetime(weekly["week"]))
    spans = seasons.assign(first=pd.to_datetime(seasons["first"]), last=pd.to_datetime(seasons["last"]))
    names = list(dict.fromkeys(spans["season"]))
    line = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%B %Y")),
            y=alt.Y("requests:Q", title=words.gettext(N_("Requests a week"))),
        )
    )
    bands = (
        alt.Chart(spans)
        .mark_rect(opacity=0.28)
        .encode(
            x="first:T",
            x2="last:T",
            color=alt.Color(
                "season:N", title=None, scale=alt.Scale(domain=names, range=list(PALETTE[1 : 1 + len(names)]))
            ),
        )
    )
    return Figure(
        bands + line,
        title=words.gettext(N_("When people ask")),
        summary=words.gettext(N_("All requests of the country, by week. Ramadan and the Hajj move through the year.")),
        words=words,
    )
