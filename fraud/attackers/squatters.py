"""Squatters: scripts that ask in the names of people who are going to ask themselves, to sell them their own turn."""

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
    number = min(world.attackers(world.squats), len(honest))
    asks = []
    for owner in _owners(country, number, honest):
        at = _ahead(country, owner)
        asks.append(_ask(country, kinds.SQUATTER, country.account(at, new=1.0), owner, at))
    left = [ask for ask in honest if not ask.squatted]
    owners = _owners(country, min(world.attackers(world.claimed), len(left)), left)
    moments = sorted(((_ahead(country, owner), owner) for owner in owners), key=lambda one: one[0])
    for first in range(0, len(moments), HOUSEHOLD):
        account = country.account(moments[first][0], new=1.0)
        asks += [_ask(country, kinds.CLAIMER, account, owner, at) for at, owner in moments[first : first + HOUSEHOLD]]
    return asks


def _owners(country: Country, number: int, honest: list[Ask]) -> list[Ask]:
    owners = [honest[chosen] for chosen in country.chance.choice(len(honest), size=number, replace=False).tolist()]
    for owner in owners:
        owner.squatted = True
    return owners


def _ahead(country: Country, owner: Ask) -> float:
    return max(0.0, owner.at - country.chance.exponential(_AHEAD_DAYS * DAY))


def _ask(country: Country, kind: Kind, account: Account, owner: Ask, at: float) -> Ask:
    return an_ask(
        country, kind, account, owner.people[:1], at=at, device="",
        network=country.network(), form_seconds=country.amount(25, 0.6, 5), offices=3,
    )  # fmt: skip
