"""What people do with a place that was drawn for them."""

from typing import Final

import numpy as np

from fraud.attackers.agents import DAY, Ask

CONFIRM_WITHIN: Final = 2 * DAY
LEAD: Final = 5 * DAY
HORIZON: Final = 14 * DAY


def outcome(ask: Ask, drawn_at: float, chance: np.random.Generator) -> tuple[str, float]:
    """Decide what will become of a place: "lapsed", "cancelled", "no_show" or "served", and when in seconds."""
    habits, how = ask.kind.habits, chance.random()
    appointment = drawn_at + LEAD + chance.uniform(0, HORIZON)
    if how < habits.lapses:
        return "lapsed", drawn_at + CONFIRM_WITHIN
    if ask.buyer is not None and habits.resells:
        return "cancelled", drawn_at + chance.uniform(0, habits.resold_within * DAY)
    if how < habits.lapses + habits.cancels:
        return "cancelled", chance.uniform(drawn_at, appointment)
    return "no_show" if chance.random() < habits.no_show else "served", appointment
