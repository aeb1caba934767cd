"""What everybody means to ask for in a season: honest people, attackers of fixed habits and of chosen tactics."""

from fraud.attackers.agents import Ask
from fraud.attackers.country import Country
from fraud.attackers.crews import crews
from fraud.attackers.honest import honest_asks
from fraud.attackers.hostile import hostile_asks
from fraud.attackers.parameters import World
from fraud.attackers.squatters import squats


def intended(country: Country, world: World) -> list[Ask]:
    """Return what everybody means to ask for, before anything happens to them."""
    honest = honest_asks(country, world)
    return honest + hostile_asks(country, world) + squats(country, world, honest) + crews(country, world, honest)
