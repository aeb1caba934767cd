"""What a season leaves behind: a row for each ask, its facts, and the history that they were counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from fraud.attackers.agents import INTENTION, NAMES, Ask
from fraud.attackers.parameters import World
from fraud.past.history import History

_SEEN: Final = ("device", "network", "form_seconds", "role", "squatted")
_OUTCOME: Final = tuple(name for name in NAMES if name not in {*INTENTION, "first_at"})


@dataclass(frozen=True, slots=True)
class Played:
    """What happened in one season.

    Parameters
    ----------
    asks
        One row an ask; see `log_of`. Facts and verdict are missing where it was not kept.
    facts
        The facts of every kept request, by ``number``: the columns of `fraud.facts.FEATURES`.
    history
        What the facts were counted from.
    pumped, pumped_sent
        Codes that the pumper asked for and got.
    """

    seed: int
    world: World
    asks: pd.DataFrame
    facts: pd.DataFrame
    history: History
    pumped: int
    pumped_sent: int


def log_of(asks: Sequence[Ask]) -> pd.DataFrame:
    """Return a row for each ask, in the order of the first try.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``honest``; ``at`` (seconds of the first try), ``party``, ``person`` (the first), ``known`` (to the
        registers, all of them); ``account``, ``helper`` (its account is a registered one), ``phone``; ``resold`` (a
        place will be given up for a buyer); ``device``, ``network``, ``form_seconds``, ``role``, ``squatted``; and the
        second block of `fraud.attackers.agents.Ask`. ``number`` is -1 where nothing was kept.
    """
    rows = [
        {
            "kind": ask.kind.name,
            "honest": ask.kind.honest,
            "at": ask.first_at,
            "party": len(ask.people),
            "person": ask.people[0].number,
            "known": all(person.known for person in ask.people),
            "account": ask.account.name,
            "helper": ask.account.helper,
            "phone": ask.account.phone,
            "resold": ask.buyer is not None,
            **{name: getattr(ask, name) for name in (*_SEEN, *_OUTCOME)},
        }
        for ask in asks
    ]
    return pd.DataFrame(rows).sort_values("at", kind="stable", ignore_index=True)
