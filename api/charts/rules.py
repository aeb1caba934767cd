"""Those whom rules and scores trouble: by what is known of requests, by a rule's number, by kind of asker."""

from typing import Final

import pandas as pd

from api.charts.shapes import bars_beside, lines, long_form
from api.charts.theme import Figure
from api.i18n import N_, Words

KINDS: Final = {
    "single": N_("Single people"),
    "family": N_("Families"),
    "expatriate": N_("Expatriates"),
    "student": N_("Students"),
    "camp": N_("People in camps"),
    "registered shop": N_("Registered shops"),
    "unregistered shop": N_("Unregistered shops"),
    "broker": N_("Brokers"),
    "farm": N_("Brokers with many phones"),
    "hoarder": N_("Hoarders"),
    "bot": N_("Bots"),
    "rotating bot": N_("Bots that change their traces"),
}
"""The kinds of `fraud.attackers` that ask, from honest to not."""
_KNOWN: Final = {
    "fraud": N_("Known to hoard"),
    "honest": N_("Known to be honest"),
    "others": N_("Nothing known yet"),
}
_STEPS: Final = {
    "active": N_("by today's rules"),
    "draft": N_("by the draft"),
    "challenge": N_("at least a short check"),
    "review": N_("a look by an officer"),
}


def rule_hits(table: pd.DataFrame, words: Words) -> Figure:
    """Draw on how many requests each rule (index) fires: ``fraud``, ``honest`` and ``others``, as a backtest counts."""
    parts = {name: words.gettext(sentence) for name, sentence in _KNOWN.items()}
    shown = table[list(parts)].rename(columns=parts).set_axis([str(name) for name in table.index])
    chart = bars_beside(shown, axis=words.gettext(N_("Requests")), words=words)
    return Figure(
        chart,
        title=words.gettext(N_("On whom each rule fires")),
        summary=words.gettext(
            N_("Requests of the past, by what became known of them. A request can meet several rules.")
        ),
        words=words,
    )


def line_of_a_rule(frame: pd.DataFrame, words: Words, *, fact: str) -> Figure:
    """Draw which shares of ``honest`` and of ``hoarding`` requests lie above each ``line``.

    ``fact`` is what the rule counts, in the reader's language.
    """
    parts = {
        "hoarding": words.gettext(N_("Hoarders found")),
        "honest": words.gettext(N_("Honest people troubled")),
    }
    chart = lines(
        long_form(frame.set_index("line")[list(parts)].rename(columns=parts)),
        parts=list(parts.values()),
        across=words.gettext(N_("More than")),
        up=words.gettext(N_("Share of their requests")),
        percent=("y",),
    )
    return Figure(chart, title=words.gettext(N_("Where to draw the line of one rule")), summary=fact, words=words)


def troubled_by_kind(table: pd.DataFrame, words: Words) -> Figure:
    """Draw the share of requests that are troubled, by kind of asker (index), for each column.

    Columns are ``active`` and ``draft`` (rules), or ``challenge`` and ``review`` (lines of a score).
    """
    parts = {name: words.gettext(_STEPS[name]) for name in table.columns}
    kinds = [kind for kind in KINDS if kind in table.index]
    names = [words.gettext(KINDS[kind]) for kind in kinds]
    chart = bars_beside(
        table.loc[kinds].rename(columns=parts).set_axis(names),
        axis=words.gettext(N_("Share of their requests that is troubled")),
        words=words,
        percent=True,
    )
    return Figure(
        chart,
        title=words.gettext(N_("Whom it troubles")),
        summary=words.gettext(N_("Invented people who ask in a season; who they really are is known here only.")),
        words=words,
    )
