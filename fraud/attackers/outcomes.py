"""What people do with a place that was drawn for them."""

from typing import Final

import numpy as np

from fraud.attackers.agents import DAY, HOUR, Ask, again
from fraud.attackers.country import Country

CONFIRM_WITHIN: Final = 2 * DAY
LEAD: Final = 5 * DAY
HORIZON: Final = 14 * DAY
MOST_MOVES: Final = 2
WAVERS: Final = 3
"""How many times as likely honest people cancel who moved a place before, at most; an assumption."""
HESITATES: Final = 60.0
"""Seconds between two things that somebody does one after the other."""


def outcome(
    ask: Ask, drawn_at: float, chance: np.random.Generator, honest: np.random.Generator, moving: float
) -> tuple[str, float]:
    """Decide what becomes of a place: "lapsed", "cancelled", "moved", "no_show" or "served", and when in seconds.

    Parameters
    ----------
    chance, honest
        What happens to all, and what happens only where honest people move: a share ``moving`` of their places.
    """
    habits, how = ask.kind.habits, chance.random()
    appointment = drawn_at + LEAD + chance.uniform(0, HORIZON)
    if ask.kind.honest and moving and (how_moved := _of_movers(ask, drawn_at, appointment, honest, moving)):
        return how_moved
    if how < habits.lapses:
        return "lapsed", drawn_at + CONFIRM_WITHIN
    if ask.buyer is not None and habits.resells and habits.leaves:
        return "lapsed", drawn_at + CONFIRM_WITHIN
    if ask.buyer is not None and habits.resells:
        how_given = "moved" if ask.moves < habits.moves else "cancelled"
        return how_given, drawn_at + chance.uniform(0, habits.resold_within * DAY)
    if how < habits.lapses + habits.cancels:
        return "cancelled", chance.uniform(drawn_at, appointment)
    return "no_show" if chance.random() < habits.no_show else "served", appointment


def _of_movers(
    ask: Ask, drawn_at: float, appointment: float, chance: np.random.Generator, moving: float
) -> tuple[str, float] | None:
    """Decide whether honest people move a place, or give one up more easily, as they moved one before."""
    if ask.moves < MOST_MOVES and chance.random() < moving:
        return "moved", chance.uniform(drawn_at, appointment - DAY)
    if ask.moves and chance.random() < (WAVERS - 1) * ask.kind.habits.cancels:
        return "cancelled", chance.uniform(drawn_at, appointment)
    return None


def waits_instead(ask: Ask, at: float) -> Ask:
    """Return the request that asks for another place instead of the one that is moved ``at``, as early in line."""
    other = again(ask, at)
    other.first_at, other.draws, other.moves = at, ask.draws, ask.moves + 1
    return other


def kept_ends(ask: Ask, how: str) -> list[str]:
    """Return what is kept of a request that ends: of its own place, if it had one, and of those it was moved from.

    Where it is given up, all of these count but the first, and that alone where there was no other.
    """
    own = [how] if ask.drawn_day >= 0 else []
    given_up = how in {"lapsed", "cancelled"} and ask.moves > 0
    return own + ["cancelled"] * max(ask.moves - 1, 1 - len(own)) if given_up else own


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
