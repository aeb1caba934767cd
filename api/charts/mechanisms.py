"""Who gets a place, by the way in which places are given out."""

from typing import Final

import pandas as pd

from api.charts.shapes import bars_beside
from api.charts.theme import Figure
from api.i18n import N_, Words

MECHANISMS: Final = {
    "first come": N_("First come, first served"),
    "lottery": N_("Lottery in turn, without priority"),
    "line": N_("In line order, each the best that is left"),
    "draw": N_("The draw"),
}
_WHO: Final = {"robot": N_("Asked by a robot"), "person": N_("Asked by a person")}
_LOST: Final = (
    N_("Lost no draw before"),
    N_("Lost one draw before"),
    N_("Lost two draws or more"),
)


def chances(table: pd.DataFrame, words: Words) -> Figure:
    """Draw the chance of a place by mechanism (index) for requests of a ``robot`` and of a ``person`` (shares)."""
    parts = {who: words.gettext(name) for who, name in _WHO.items()}
    return _figure(
        table[list(parts)].rename(columns=parts),
        title=words.gettext(N_("Who gets a place: the fastest, or everyone alike?")),
        summary=words.gettext(
            N_("The same requests for the same places. Robots click first; only where speed counts do they win.")
        ),
        words=words,
    )


def chances_by_lost(table: pd.DataFrame, words: Words) -> Figure:
    """Draw the chance of a place by mechanism (index) for those who lost 0, 1, or 2 and more draws (columns)."""
    parts = {lost: words.gettext(name) for lost, name in enumerate(_LOST)}
    return _figure(
        table[list(parts)].rename(columns=parts),
        title=words.gettext(N_("Does losing count?")),
        summary=words.gettext(N_("Whoever lost before goes first in the draw. Elsewhere nobody remembers.")),
        words=words,
    )


def _figure(table: pd.DataFrame, *, title: str, summary: str, words: Words) -> Figure:
    names = [words.gettext(MECHANISMS[name]) for name in table.index]
    chart = bars_beside(
        table.set_axis(names),
        axis=words.gettext(N_("Chance of a place")),
        words=words,
        percent=True,
    )
    return Figure(chart, title=title, summary=summary, words=words)
