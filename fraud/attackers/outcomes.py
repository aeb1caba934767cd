"""What people do with a place that was drawn for them."""

from typing import Final

import numpy as np

from fraud.attackers.agents import DAY, HOUR, Ask, again
from fraud.attackers.country import Country

CONFIRM_WITHIN: Final = 2 * DAY
LEAD: Final = 5 * DAY
HORIZON: Final = 14 * DAY
MOST_MOVES: Final = 2
HESITATES: Final = 60.0
"""Seconds between two things that somebody does one after the other."""


def outcome(ask: Ask, drawn_at: float, chance: np.random.Generator) -> tuple[str, float]:
    """Decide what becomes of a place: "lapsed", "cancelled", "moved", "no_show" or "served", and when in seconds."""
    habits, how = ask.kind.habits, chance.random()
    appointment = drawn_at + LEAD + chance.uniform(0, HORIZON)
    if how < habits.lapses:
        return "lapsed", drawn_at + CONFIRM_WITHIN
    if ask.buyer is not None and habits.resells and habits.leaves:
        return "lapsed", drawn_at + CONFIRM_WITHIN
    if ask.buyer is not None and habits.resells:
        moves = habits.moves and ask.moves < MOST_MOVES
        return "moved" if moves else "cancelled", drawn_at + chance.uniform(0, habits.resold_within * DAY)
    if how < habits.lapses + habits.cancels:
        return "cancelled", chance.uniform(drawn_at, appointment)
    return "no_show" if chance.random() < habits.no_show else "served", appointment


def waits_instead(ask: Ask, at: float) -> Ask:
    """Return the request that asks for another place instead of the one that is moved ``at``, as early in line."""
    other = again(ask, at)
    other.first_at, other.draws, other.moves = at, ask.draws, ask.moves + 1
    return other


def asked_after(
    ask: Ask, how: str, at: float, country: Country, chance: np.random.Generator, returning: float
) -> list[Ask]:
    """Return what is asked for after an appointment ended ``at``: something where it lapsed or was cancelled.

    Whoever gave it up for a buyer asks for the buyer at once, and in the same name a day later; of honest people a
    share ``returning`` asks again within a week.
    """
    habits = ask.kind.habits
    if how not in {"lapsed", "cancelled"}:
        return []
    if ask.buyer is not None and (how == "cancelled" or habits.leaves):
        apart = {"account": country.account(at, new=1.0)} if habits.apart else {}
        return [
            again(ask, at + HESITATES, people=(ask.buyer,), buyer=None, role="buyer", **apart),
            again(ask, at + DAY, buyer=country.person()),
        ]
    if ask.kind.honest and chance.random() < returning:
        return [again(ask, at + chance.uniform(HOUR, 7 * DAY))]
    return []
