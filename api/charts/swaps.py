"""Two ways to exchange appointments: whom each moves, and what each would sell."""

from typing import Final

import pandas as pd

from api.charts.shapes import bars_beside
from api.charts.theme import Figure
from api.i18n import N_, Words

RULES: Final = {"in line": N_("In line: the exchange"), "cycles": N_("In cycles: whoever agrees may swap")}
REASONS: Final = {
    "other days": N_("Wanted some other days"),
    "earlier": N_("Wanted any earlier day"),
    "other office": N_("Wanted another office"),
    "sold": N_("What a seller could sell"),
}


def moved_and_sold(table: pd.DataFrame, words: Words) -> Figure:
    """Draw the share of those who get a wish by rule (columns) and reason (index), the last row: what is sold."""
    names = [words.gettext(REASONS[row]) for row in table.index]
    parts = [words.gettext(one) for one in RULES.values()]
    shown = table[list(RULES)].set_axis(names, axis=0).set_axis(parts, axis=1).clip(lower=0)
    axis = words.gettext(N_("Share of those who wished for it"))
    return Figure(
        bars_beside(shown, axis=axis, words=words, percent=True),
        title=words.gettext(N_("Who gets another appointment, and what could be sold?")),
        summary=words.gettext(
            N_("Cycles move more people, and hand a place to whoever pays for it. In line nothing can be sold.")
        ),
        words=words,
    )
