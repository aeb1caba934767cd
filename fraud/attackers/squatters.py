"""Squatters: scripts that ask in the names of people who are going to ask themselves, to sell them their own turn."""

from collections.abc import Sequence

from fraud.attackers import parameters as kinds
from fraud.attackers.agents import DAY, HOUSEHOLD, Account, Ask
from fraud.attackers.country import Country
from fraud.attackers.honest import an_ask
from fraud.attackers.parameters import Kind, World

_AHEAD_DAYS = 2.0


def squats(country: Country, world: World, honest: list[Ask]) -> list[Ask]:
    """Return what squatters ask before some of these asks, whose people are ``squatted`` from now on.

    The list has names, numbers and birth dates of real people; each is asked for alone, from another address, some two
    days before its owner comes. *Squatters* use a new account on another phone each time, *claimers* fill accounts with
    as many people as one may act for.
    """
    asks: list[Ask] = []
    if kinds.SQUATTER.name not in world.tactics:
        for owner in owners(country, world.attackers(world.squats), honest):
            at = _ahead(country, owner, _AHEAD_DAYS)
            asks.append(_ask(country, kinds.SQUATTER, country.account(at, new=1.0), owner, at))
    if kinds.CLAIMER.name not in world.tactics:
        claimed = owners(country, world.attackers(world.claimed), honest)
        moments = moments_ahead(country, claimed, _AHEAD_DAYS)
        for first in range(0, len(moments), HOUSEHOLD):
            account = country.account(moments[first][0], new=1.0)
            some = moments[first : first + HOUSEHOLD]
            asks += [_ask(country, kinds.CLAIMER, account, owner, at) for at, owner in some]
    return asks


def owners(country: Country, number: int, honest: Sequence[Ask]) -> list[Ask]:
    """Choose so many of the asks whose people are on no list yet, or all of them; they are ``squatted`` from now on."""
    left = [ask for ask in honest if not ask.squatted]
    number = min(number, len(left))
    chosen = [left[row] for row in country.chance.choice(len(left), size=number, replace=False).tolist()]
    for owner in chosen:
        owner.squatted = True
    return chosen


def moments_ahead(country: Country, chosen: Sequence[Ask], days: float) -> list[tuple[float, Ask]]:
    """Return, in the order of time, when each owner's number is asked for: so many days before they come, in the mean.

    With it is the owner's own ask.
    """
    return sorted(((_ahead(country, owner, days), owner) for owner in chosen), key=lambda one: one[0])


def _ahead(country: Country, owner: Ask, days: float) -> float:
    return max(0.0, owner.at - country.chance.exponential(days * DAY))


def _ask(country: Country, kind: Kind, account: Account, owner: Ask, at: float) -> Ask:
    return an_ask(
        country, kind, account, owner.people[:1], at=at, device="",
        network=country.network(), form_seconds=country.amount(25, 0.6, 5), offices=3,
    )  # fmt: skip
