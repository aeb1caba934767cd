"""Squatters: scripts that ask in the names of people who are going to ask themselves, to sell them their own turn."""

from fraud.attackers import parameters as kinds
from fraud.attackers.agents import DAY, Ask
from fraud.attackers.country import Country
from fraud.attackers.honest import an_ask
from fraud.attackers.parameters import World

_AHEAD_DAYS = 2.0


def squats(country: Country, world: World, honest: list[Ask]) -> list[Ask]:
    """Return what squatters ask before some of these asks, whose people are ``squatted`` from now on.

    The list has names, numbers and birth dates of real people; each is asked for alone, in a new account on another
    phone and address, some two days before its owner comes.
    """
    number = min(world.attackers(world.squats), len(honest))
    asks = []
    for chosen in country.chance.choice(len(honest), size=number, replace=False).tolist():
        owner = honest[chosen]
        owner.squatted = True
        at = max(0.0, owner.at - country.chance.exponential(_AHEAD_DAYS * DAY))
        asks.append(
            an_ask(
                country, kinds.SQUATTER, country.account(at, new=1.0), owner.people[:1], at=at, device="",
                network=country.network(), form_seconds=country.amount(25, 0.6, 5), offices=3,
            )
        )  # fmt: skip
    return asks
