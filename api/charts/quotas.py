"""What other quotas would serve: a past draw drawn again with more or fewer places."""

import altair as alt
import pandas as pd

from api.charts.shapes import bars, lines
from api.charts.theme import Figure
from api.i18n import N_, Words


def served_by_places(table: pd.DataFrame, words: Words, *, today: float) -> Figure:
    """Draw ``asked`` and ``served`` people against the share of the counters' time that the draw has (``share``).

    ``today`` is the share that the draw had; a dashed line.
    """
    asked, served = words.gettext(N_("People who asked")), words.gettext(N_("People with a place"))
    frame = pd.concat(
        [
            pd.DataFrame({"x": table["share"], "y": table["asked"], "part": asked}),
            pd.DataFrame({"x": table["share"], "y": table["served"], "part": served}),
        ]
    )
    rule = alt.Chart(pd.DataFrame({"x": [today]})).mark_rule(strokeDash=[4, 4]).encode(x="x:Q")
    chart = lines(
        frame,
        parts=[asked, served],
        across=words.gettext(N_("Share of the counters' time for the draw")),
        up=words.gettext(N_("People")),
        percent=("x",),
    )
    return Figure(
        chart + rule,
        title=words.gettext(N_("What more places for the draw would serve")),
        summary=words.gettext(
            N_("The same people, the same seed, other quotas. The dashed line is what the draw had.")
        ),
        words=words,
    )


def one_more_counter(table: pd.DataFrame, words: Words) -> Figure:
    """Draw how many people ``more`` a week one more counter would serve, by ``office`` in the reader's language."""
    frame = pd.DataFrame({"row": table["office"], "value": table["more"]})
    chart = bars(frame, rows=list(table["office"]), axis=words.gettext(N_("People more in a week")), words=words)
    return Figure(
        chart,
        title=words.gettext(N_("Where one more counter would serve most")),
        summary=words.gettext(
            N_("From the prices that the draw itself finds for places, at most as many as wait there.")
        ),
        words=words,
    )
