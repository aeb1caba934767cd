"""Who may not come, and what could be given to others because of it."""

from collections.abc import Mapping
from typing import Final

import altair as alt
import pandas as pd

from api.charts.shapes import bars_beside, lines
from api.charts.theme import PALETTE, Figure
from api.i18n import N_, Words

_ROW: Final = 24
_LABELS: Final = 360


def absence_rates(offices: pd.DataFrame, words: Words, *, names: Mapping[str, str]) -> Figure:
    """Draw the rate of no-shows of each ``office`` with the ``low`` and ``high`` of nine weeks in ten.

    ``names`` are the offices' in the reader's language; the frame's order is kept.
    """
    frame = offices.assign(name=offices["office"].map(dict(names)))
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=list(frame["name"]), title=None, axis=alt.Axis(labelLimit=_LABELS))
    )
    axis = alt.X("rate:Q", title=words.gettext(N_("Appointments to which nobody comes")), axis=alt.Axis(format="%"))
    spans = base.mark_rule(strokeWidth=3, color=PALETTE[0], opacity=0.45).encode(x=alt.X("low:Q"), x2="high:Q")
    points = base.mark_point(filled=True, size=70, color=PALETTE[0], opacity=1).encode(x=axis)
    return Figure(
        (spans + points).properties(height=alt.Step(_ROW)),
        title=words.gettext(N_("Where people do not come")),
        summary=words.gettext(N_("The point is the office's rate; nine weeks in ten lie on the bar.")),
        words=words,
    )


def overflow_curve(frame: pd.DataFrame, words: Words, *, at_most: float) -> Figure:
    """Draw the ``chance`` that more come than fit against ``extra`` places, for each number of ``places`` of a slot.

    ``at_most`` is the policy's bound; a dashed line.
    """
    parts = {
        places: words.say(N_("Places in the half hour: %(places)s"), {"places": places})
        for places in sorted(set(frame["places"].tolist()))
    }
    chart = lines(
        pd.DataFrame({"x": frame["extra"], "y": frame["chance"], "part": frame["places"].map(parts)}),
        parts=list(parts.values()),
        across=words.gettext(N_("Places given beyond those that are there")),
        up=words.gettext(N_("Chance that more come than fit")),
        percent=("y",),
    )
    rule = alt.Chart(pd.DataFrame({"y": [at_most]})).mark_rule(strokeDash=[4, 4]).encode(y="y:Q")
    return Figure(
        chart + rule,
        title=words.gettext(N_("How far a half hour can be overbooked")),
        summary=words.gettext(
            N_("At the careful rate of no-shows. The dashed line is the most that the policy allows.")
        ),
        words=words,
    )


def lent_and_back(proposals: pd.DataFrame, words: Words, *, names: Mapping[str, str]) -> Figure:
    """Draw by ``office`` the places that walk-ins would lend (``extra``) and those that no-shows give ``back``."""
    parts = {
        "extra": words.gettext(N_("lent by walk-ins to the draw")),
        "back": words.gettext(N_("given back by no-shows, about")),
    }
    rows = [names[office] for office in proposals["office"]]
    chart = bars_beside(
        proposals[list(parts)].rename(columns=parts).set_axis(rows),
        axis=words.gettext(N_("Quarter hours of a counter in four weeks")),
        words=words,
    )
    return Figure(
        chart,
        title=words.gettext(N_("What walk-ins would lend, and what comes back to them")),
        summary=words.gettext(N_("If everybody comes, those with an appointment are served, and fewer who walk in.")),
        words=words,
    )


def lent_by_bound(frame: pd.DataFrame, words: Words, *, today: float) -> Figure:
    """Draw the places ``lent`` in all offices against the ``bound`` of the chance that more come than fit.

    ``today`` is the policy's bound; a dashed line.
    """
    lent = words.gettext(N_("lent by walk-ins to the draw"))
    chart = lines(
        pd.DataFrame({"x": frame["bound"], "y": frame["lent"], "part": lent}),
        parts=[lent],
        across=words.gettext(N_("Chance that more come than fit, at most")),
        up=words.gettext(N_("Quarter hours of a counter in four weeks")),
        percent=("x",),
    )
    rule = alt.Chart(pd.DataFrame({"x": [today]})).mark_rule(strokeDash=[4, 4]).encode(x="x:Q")
    return Figure(
        chart + rule,
        title=words.gettext(N_("What the bound decides")),
        summary=words.gettext(N_("Places of all offices that could be lent. The dashed line is the policy's bound.")),
        words=words,
    )


def reach_of_reminders(frame: pd.DataFrame, words: Words, *, today: float) -> Figure:
    """Draw the share of no-shows that is ``reached`` against the share of appointments that is ``reminded`` twice.

    ``today`` is the share that is reminded; a dashed line.
    """
    parts = [words.gettext(N_("those most at risk first")), words.gettext(N_("by chance"))]
    long = pd.concat(
        [
            pd.DataFrame({"x": frame["reminded"], "y": frame["reached"], "part": parts[0]}),
            pd.DataFrame({"x": frame["reminded"], "y": frame["reminded"], "part": parts[1]}),
        ]
    )
    chart = lines(
        long,
        parts=parts,
        across=words.gettext(N_("Appointments of which people are reminded twice")),
        up=words.gettext(N_("Of those who would not come")),
        percent=("x", "y"),
    )
    rule = alt.Chart(pd.DataFrame({"x": [today]})).mark_rule(strokeDash=[4, 4]).encode(x="x:Q")
    return Figure(
        chart + rule,
        title=words.gettext(N_("Whom a second reminder reaches")),
        summary=words.gettext(N_("The dashed line is how many are reminded twice. Nobody is refused anything by it.")),
        words=words,
    )
