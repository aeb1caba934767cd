"""What an attacker may choose: the habits of a kind as numbers, for whoever looks for the best of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tactics:
    """How one kind of attacker works.

    Parameters
    ----------
    rush
        Share of the requests in the first minutes after the hour at which places would open; others come by day.
    begins, lasts
        When in the season they begin, and over how much of what is left of it they spread; shares.
    typing
        Median seconds on a form. Kinds that type by hand pay for them.
    cookie, per_device
        Whether browsers keep their cookie, and people asked for on each device.
    per_phone, per_account, per_network
        People on each phone, in each account, at each address.
    account_days
        Days by which accounts are made ahead; below one they are made in the same sitting.
    party
        People in a request.
    again
        Asks once more after a request ended without a place; a chance.
    resold, resold_within
        Share of the places that are given up for a buyer, who asks at once, and within how many days that is.
    leaves
        Whether such places are given up by leaving their offer unconfirmed, instead of cancelling them.
    moves, redrawn
        How often they are given up by moving them to a later draw instead, and withdrawing what waits there; and
        whether that waits first, to be drawn and moved again, or cancelled once it was moved so often.
    apart
        Whether each buyer asks in an account and with a phone of their own.
    mixed
        Requests of real people who need a passport, know of it and come, for each false one: they look honest.
    invented
        Identities that no register knows, for each stolen one.
    front
        Whether the accounts are a registered helper's.
    ahead
        Mean days by which squatters ask before the owners of their numbers.
    """

    rush: float = 0.5
    begins: float = 0.0
    lasts: float = 1.0
    typing: float = 60.0
    cookie: bool = True
    per_device: int = 25
    per_phone: int = 25
    per_account: int = 12
    per_network: int = 25
    account_days: float = 0.0
    party: int = 1
    again: float = 1.0
    resold: float = 0.0
    resold_within: float = 3.0
    leaves: bool = False
    moves: int = 0
    redrawn: bool = False
    apart: bool = False
    mixed: float = 0.0
    invented: float = 0.0
    front: bool = False
    ahead: float = 2.0
