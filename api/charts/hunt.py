"""What attackers that learn get from each way of giving out places."""

from typing import Final

import pandas as pd

from api.charts.rules import KINDS
from api.charts.shapes import bars_beside, lines, long_form
from api.charts.theme import Figure
from api.i18n import N_, Words

_WAYS: Final = {
    "race": N_("First come, first served"),
    "draw": N_("The draw alone"),
    "gate": N_("The draw behind the gate"),
}
ATTACKERS: Final = KINDS | {
    "squatter": N_("Squatters of others' turns"),
    "claimer": N_("Squatters with full accounts"),
}
"""The kinds that hunts play."""


def _names(kinds: list[str], words: Words) -> list[str]:
    return [words.gettext(ATTACKERS[kind]) for kind in kinds]


def gained(table: pd.DataFrame, words: Words) -> Figure:
    """Draw what the best tactics of each kind (index) gain in a season: columns ``race``, ``draw`` and ``gate``."""
    parts = {name: words.gettext(_WAYS[name]) for name in table.columns}
    names = _names([str(kind) for kind in table.index], words)
    chart = bars_beside(
        table.rename(columns=parts).set_axis(names),
        axis=words.gettext(N_("Profit of a season, in dollars")),
        words=words,
    )
    return Figure(
        chart,
        title=words.gettext(N_("What attackers that learn gain")),
        summary=words.gettext(
            N_("Each kind with the habits that were found to serve it best, on seasons not searched.")
        ),
        words=words,
    )


def searched(curves: pd.DataFrame, words: Words) -> Figure:
    """Draw how a search goes: the mean of each generation (index, from 1) for each kind (columns)."""
    names = _names([str(kind) for kind in curves.columns], words)
    chart = lines(
        long_form(curves.set_axis(names, axis=1)),
        parts=names,
        across=words.gettext(N_("Generation of the search")),
        up=words.gettext(N_("Profit of a season, in dollars")),
    )
    return Figure(
        chart,
        title=words.gettext(N_("How the search goes")),
        summary=words.gettext(
            N_("The mean of what is tried in each generation; every generation plays other seasons.")
        ),
        words=words,
    )
