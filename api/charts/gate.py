"""Charts of the gate's model: what a line would cost, how true the scores are, what changed since the training."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from api.charts.theme import COLOURS, PALETTE, Figure
from api.i18n import N_, Words
from fraud.facts import BY_NAME

_MANAGE: Final = N_(
    "Officers manage %(capacity)s cases a day. More cases find more hoarders, and trouble more honest people."
)
_LEVELS: Final = {
    "too few": N_("too few requests to say"),
    "stable": N_("below 0.1: as before"),
    "watch": N_("0.1 to 0.25: watch"),
    "alarm": N_("from 0.25: train again"),
}
_FACTS: Final = 12


def threshold_curve(curve: Sequence[Mapping[str, Any]], *, capacity: float, words: Words) -> Figure:
    """Draw what each line of the score would cost and find, by the cases that it makes for officers in a day.

    Parameters
    ----------
    curve
        Rows with ``cases_per_day``, ``honest_troubled`` and ``hoarders_found`` (shares, or None).
    capacity
        Cases that officers can look at in a day; a dashed line.
    """
    names = {
        "honest_troubled": words.gettext(N_("Honest people troubled")),
        "hoarders_found": words.gettext(N_("Hoarders found")),
    }
    rows = [
        {"cases": row["cases_per_day"], "share": row[key], "what": name}
        for row in curve
        for key, name in names.items()
        if row[key] is not None
    ]
    frame = pd.DataFrame(rows, columns=["cases", "share", "what"])
    lines = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("cases:Q", title=words.gettext(N_("Cases a day"))),
            y=alt.Y("share:Q", title=words.gettext(N_("Share")), axis=alt.Axis(format="%"), scale=_UNIT),
            color=alt.Color("what:N", title=None, sort=list(names.values()), scale=_TWO),
            strokeDash=alt.StrokeDash("what:N", legend=None, sort=list(names.values())),
        )
    )
    most = alt.Chart(pd.DataFrame({"cases": [capacity]})).mark_rule(strokeDash=[4, 4]).encode(x="cases:Q")
    reach = max([row["cases_per_day"] for row in curve], default=0)
    return Figure(
        lines + most if capacity <= 2 * reach else lines,
        title=words.gettext(N_("What a line would cost and find")),
        summary=words.say(_MANAGE, {"capacity": words.number(capacity)}),
        words=words,
        finding=_within_reach(curve, capacity, words),
    )


def reliability(calibration: Sequence[Mapping[str, Any]], *, words: Words) -> Figure:
    """Draw scores against what became of the requests, with 95 % intervals; true scores lie on the diagonal.

    Parameters
    ----------
    calibration
        Rows with ``mean_score``, ``found``, ``low`` and ``high``, all between 0 and 1.
    """
    frame = pd.DataFrame(calibration, columns=["mean_score", "found", "low", "high"])
    x = alt.X("mean_score:Q", title=words.gettext(N_("Mean score")), axis=alt.Axis(format="%"), scale=_UNIT)
    y = alt.Y("found:Q", title=words.gettext(N_("Found to hoard")), axis=alt.Axis(format="%"), scale=_UNIT)
    ideal = alt.Chart(pd.DataFrame({"mean_score": [0, 1], "found": [0, 1]})).mark_line(strokeDash=[4, 4], opacity=0.6)
    points = alt.Chart(frame)
    return Figure(
        ideal.encode(x=x, y=y)
        + points.mark_rule(strokeWidth=2, color=PALETTE[0]).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
        + points.mark_point(filled=True, size=70, color=PALETTE[0]).encode(x=x, y=y),
        title=words.gettext(N_("How true the scores are")),
        summary=words.gettext(
            N_(
                "On the dashed line a score of 30 per cent means that thirty of a hundred hoard. "
                "Bars are 95 per cent intervals."
            )
        ),
        words=words,
    )


def drift(weeks: Sequence[str], facts: Sequence[Mapping[str, Any]], *, words: Words) -> Figure:
    """Draw the stability index of the facts that changed most, week by week.

    Parameters
    ----------
    weeks
        The last day of each week (ISO 8601), the earliest first.
    facts
        Rows with ``fact``, and ``index`` and ``level`` (`fraud.scoring.compare`) for each week, the most changed first.
    """
    shown = [(_name(row["fact"], words), row) for row in facts[:_FACTS]]
    levels = {level: words.gettext(sentence) for level, sentence in _LEVELS.items()}
    frame = pd.DataFrame(
        [
            (name, week, index, levels[level])
            for name, row in shown
            for week, index, level in zip(weeks, row["index"], row["level"], strict=True)
        ],
        columns=["fact", "week", "index", "level"],
    )
    base = alt.Chart(frame).encode(
        x=alt.X("week:O", title=words.gettext(N_("Week until")), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("fact:N", title=None, sort=[name for name, _ in shown], axis=alt.Axis(labelLimit=420)),
    )
    cells = base.mark_rect(opacity=0.35).encode(
        color=alt.Color(
            "level:N", title=None, sort=list(levels.values()), legend=alt.Legend(columns=2), scale=alt.Scale(
                domain=list(levels.values()), range=[COLOURS[name] for name in ("other", "used", "warn", "bad")]
            )
        )
    )  # fmt: skip
    return Figure(
        cells + base.mark_text().encode(text=alt.Text("index:Q", format=".2f")),
        title=words.gettext(N_("What changed since the training")),
        summary=words.gettext(
            N_("The population stability index of the facts that changed most. Of few requests it says little.")
        ),
        words=words,
        finding=words.say(N_("Changed most: %(fact)s."), {"fact": shown[0][0]}) if shown else "",
    )


_UNIT: Final = alt.Scale(domain=[0, 1])
_TWO: Final = alt.Scale(range=[COLOURS["bad"], COLOURS["used"]])


def _within_reach(curve: Sequence[Mapping[str, Any]], capacity: float, words: Words) -> str:
    """Say what the line that officers can just manage would cost and find; empty where nothing is known of it."""
    known = [
        row
        for row in curve
        if row["cases_per_day"] <= capacity and None not in (row["honest_troubled"], row["hoarders_found"])
    ]
    if not known:
        return ""
    best = max(known, key=lambda row: float(row["cases_per_day"]))
    told = {name: words.percent(best[name]) for name in ("honest_troubled", "hoarders_found")}
    return words.say(
        N_(
            "With %(cases)s cases a day: %(hoarders_found)s of hoarders found, %(honest_troubled)s of honest people "
            "troubled."
        ),
        told | {"cases": words.number(round(best["cases_per_day"], 1))},
    )


def _name(fact: str, words: Words) -> str:
    known = BY_NAME.get(fact)
    return fact if known is None else words.pick(known.ar, known.en)
