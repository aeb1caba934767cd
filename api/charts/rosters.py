"""Months of one branch with a roster, against the plan that it has today."""

from typing import Final

import pandas as pd

from api.charts.shapes import bars_beside, lines, long_form
from api.charts.theme import Figure
from api.i18n import N_, Words

PLANS: Final = {"plan": N_("The present plan"), "roster": N_("The roster")}
_ASKED: Final = {"asked": N_("Needed for those who come")}


def counters_by_hour(table: pd.DataFrame, words: Words) -> Figure:
    """Draw by hour of the day (index) the counters that are ``asked`` for and those open: ``plan`` and ``roster``."""
    parts = {name: words.gettext(sentence) for name, sentence in (_ASKED | PLANS).items()}
    chart = lines(
        long_form(table[list(parts)].rename(columns=parts)),
        parts=list(parts.values()),
        across=words.gettext(N_("Hour of the day")),
        up=words.gettext(N_("Counters, on average")),
    )
    return Figure(
        chart,
        title=words.gettext(N_("When counters are open, and when people come")),
        summary=words.gettext(
            N_("A roster has pauses and early ends where few come, and moves those hours to where many do.")
        ),
        words=words,
    )


def one_more_hour(table: pd.DataFrame, words: Words) -> Figure:
    """Draw how many people one more paid hour serves, by weekday (index, Monday is 0): ``plan`` and ``roster``."""
    parts = {name: words.gettext(sentence) for name, sentence in PLANS.items()}
    rows = [words.weekday(int(day)) for day in table.index]
    chart = bars_beside(
        table[list(parts)].rename(columns=parts).set_axis(rows).round(2),
        axis=words.gettext(N_("People whom one more paid hour would serve")),
        words=words,
    )
    return Figure(
        chart,
        title=words.gettext(N_("On which day is one more hour worth most?")),
        summary=words.gettext(
            N_("Means of the month; on each day the hour goes into the shift in which it serves most people.")
        ),
        words=words,
    )
