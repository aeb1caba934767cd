"""Charts of a what-if: today's quotas above those that were tried. Needs no drawing engine."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.charts.pieces import Bar, Drawn, Meaning, Piece
from api.i18n import N_, Words


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of such a chart: its name, both shares of 1, and what is written beside each bar."""

    name: str
    today: float
    tried: float
    today_told: str
    tried_told: str


def side_by_side(pairs: Sequence[Pair], *, title: str, summary: str, words: Words) -> Drawn:
    """Draw two bars for each row, today's above; the first row is the one that changes most."""
    bars = []
    for one in pairs:
        bars.append(Bar(one.name, one.today_told, [Piece(Meaning.OTHER, 0, round(100 * one.today, 1))]))
        bars.append(Bar("", one.tried_told, [Piece(Meaning.USED, 0, round(100 * one.tried, 1))]))
    return Drawn(
        title=title,
        summary=summary,
        finding=_most(pairs, words),
        legend=[
            (Meaning.OTHER, words.gettext("Today's quotas")),
            (Meaning.USED, words.gettext("The tried quotas")),
        ],
        bars=bars,
    )


def _most(pairs: Sequence[Pair], words: Words) -> str:
    """Say where most changes; empty where there is nothing to compare."""
    if not pairs:
        return ""
    if all(one.today == one.tried for one in pairs):
        return words.gettext("Nothing changes here.")
    told = {"name": pairs[0].name, "today": pairs[0].today_told, "tried": pairs[0].tried_told}
    return words.say(N_("Changes most: %(name)s, today %(today)s, with the tried quotas %(tried)s."), told)
