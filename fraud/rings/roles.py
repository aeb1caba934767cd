"""Who is who in a ring: those who run it, the accounts that it makes, and the people whom it asks for.

A client is somebody who needs a passport and paid for help. What protects them holds whatever the score says: an
account on whose phone nobody asks for more people than a family is never more than a client. A couple may have two
accounts on one phone; a ring needs a phone for each half dozen strangers to look like that. Nor is a household that has
its phone to itself and asks within a week for as many people as one account may act for: families of ten are no rarity.
"""

from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.rings.score import Floats
from fraud.rings.signs import MOST_OF_A_HOUSEHOLD

TOOL_FROM: Final = 0.5
"""Probability from which an account is the ring's own."""
FAMILY: Final = 6
"""People of a family: as many as one request may be for."""
TOGETHER_DAYS: Final = 7.0
"""Days in which a larger family asks for all of its own; a broker goes on for as long as there are clients."""


class Role(StrEnum):
    """What an account is in a ring, the worst first."""

    ORGANISER = "organiser"
    TOOL = "tool"
    CLIENT = "client"


def is_protected(accounts: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which accounts are never more than clients: they, and all on their phone, ask for a family at most.

    Or for a large one: at most for `MOST_OF_A_HOUSEHOLD` people in `TOGETHER_DAYS`, on a phone that no other household
    has.
    """
    most = accounts[["people", "phone_people"]].max(axis=1)
    large = accounts["own_phone"] & (most <= MOST_OF_A_HOUSEHOLD) & (accounts["days"] <= TOGETHER_DAYS)
    return ((most <= FAMILY) | large).to_numpy(np.bool_)


def roles_of(accounts: pd.DataFrame, probability: Floats) -> NDArray[np.str_]:
    """Return the role of each account.

    Of the accounts that are a ring's own, those that ask for more people than a family has are organisers; in a ring
    without such ones it is the account that asks for most people, then most often, then the oldest.

    Parameters
    ----------
    accounts
        Rows of `fraud.rings.find.Communities.signs`' ``accounts``, ``rank`` among them.
    probability
        That each is the ring's own, float64 (n,).
    """
    own = (probability >= TOOL_FROM) & ~is_protected(accounts)
    leads = own & (accounts["people"] > FAMILY).to_numpy()
    led = set(accounts["community"].to_numpy()[leads])
    others = accounts[own & ~accounts["community"].isin(led).to_numpy()]
    most = others.sort_values(["people", "bookings", "hours", "rank"], ascending=[False, False, False, True])
    leads |= accounts.index.isin(most.drop_duplicates("community").index)
    return np.where(leads, Role.ORGANISER, np.where(own, Role.TOOL, Role.CLIENT))
