"""What scalpers earn, by demand, by rules, and by the share of the places that is drawn."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from api.charts.shapes import bars_beside, lines
from api.charts.theme import Figure
from api.i18n import N_, Words

SYSTEMS: Final = {
    "immediate": N_("Immediate: first come, first served"),
    "batch": N_("Batch: a draw, cancelled places to a later one"),
}
RULES: Final = {
    "first come": N_("First come"),
    "first come, limits and checked names": N_("First come, limits, checked names"),
    "half drawn, cancelled places to a later draw": N_("Half drawn, half raced for"),
    "draw, any name, cancelled places at once": N_("Draw, any name, cancelled at once"),
    "draw, checked names, cancelled places at once": N_("Draw, checked names, cancelled at once"),
    "draw, any name, cancelled places to a later draw": N_("Draw, any name, cancelled to a later draw"),
    "draw, checked names, cancelled places to a later draw": N_("Mawid: draw, checked names, later draw"),
}
_CUSTOMERS: Final = {"before": N_("Knows the customers before"), "after": N_("Looks for customers afterwards")}
_PROFIT: Final = N_("Profit for each place")


def profit_by_demand(frame: pd.DataFrame, words: Words) -> Figure:
    """Draw ``profit`` against ``demand`` (people for each place) for each ``system``, immediate or batch."""
    systems = {code: words.gettext(name) for code, name in SYSTEMS.items()}
    chart = lines(
        _xy(frame, "demand", systems),
        parts=list(systems.values()),
        across=words.gettext(N_("People for each place")),
        up=words.gettext(_PROFIT),
    )
    return Figure(
        chart,
        title=words.gettext(N_("What a scalper earns when places are raced for, and when they are drawn")),
        summary=words.gettext(N_("Robots that book in other names and sell. 1 is what the median citizen would pay.")),
        words=words,
    )


def profit_by_rules(table: pd.DataFrame, words: Words) -> Figure:
    """Draw the profit under each of `RULES` (index), of scalpers who know customers ``before`` or look ``after``."""
    parts = {code: words.gettext(name) for code, name in _CUSTOMERS.items()}
    names = [words.gettext(RULES[name]) for name in table.index]
    shown = table[list(parts)].rename(columns=parts).set_axis(names)
    chart = bars_beside(shown, axis=words.gettext(_PROFIT), words=words)
    return Figure(
        chart,
        title=words.gettext(N_("Which rules leave something to sell?")),
        summary=words.gettext(N_("A place can be sold where being fast makes a difference: at the release or later.")),
        words=words,
    )


def profit_by_share(frame: pd.DataFrame, words: Words) -> Figure:
    """Draw ``profit`` against the share ``drawn`` for each ``capital``: places that scalpers can work (a share)."""
    parts: Mapping[float, str] = {
        capital: words.gettext(N_("Robots for %(share)s of the places")) % {"share": words.percent(capital)}
        for capital in sorted(set(frame["capital"]), reverse=True)
    }
    chart = lines(
        _xy(frame.assign(system=frame["capital"]), "drawn", parts),
        parts=list(parts.values()),
        across=words.gettext(N_("Share of the places that is drawn")),
        up=words.gettext(_PROFIT),
        percent=("x",),
    )
    return Figure(
        chart,
        title=words.gettext(N_("Is drawing a part enough?")),
        summary=words.gettext(N_("What is left to the race becomes scarcer and dearer, so scalpers go on.")),
        words=words,
    )


def _xy(
    frame: pd.DataFrame, across: str, parts: Mapping[object, str] | Mapping[str, str] | Mapping[float, str]
) -> pd.DataFrame:
    named = frame["system"].map(dict(parts))
    return pd.DataFrame({"x": frame[across], "y": frame["profit"], "part": named})
