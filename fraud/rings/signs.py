"""What is seen of a community and of each of its accounts: the numbers that its score and their roles are made of.

Everything is counted from what was asked for. Accounts that ask for one and the same person are a *household*, and
count once: spouses share a phone. It has no more people than one account may act for, or a ring could pass for a
family by asking for one client from every account.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from fraud.rings.shared import DAY, is_known

MOST_OF_A_HOUSEHOLD: Final = 12

RING_SIGNS: Final = ("households", "load", "pooled", "alone", "seconds")
"""Of a community, in this order: log2 of its households; log2 of the people that a household asks for; the share of
accounts that share their phone with other households; the share of requests for one person; the logarithm of the
median seconds of a form. How young accounts are and at which hour they ask says nothing here: whoever is helped
registers on the spot, and students come when they are told to."""

ACCOUNT_SIGNS: Final = ("ring", "on_phone", "asked_for", "errands", "alone")
"""Of an account: the log-odds of its community; log2(1 + other households on its phone); log2 of the people it asks
for; log2 of its requests; the share of them for one person."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signs:
    """What is seen.

    Parameters
    ----------
    rings
        One row a community, by its number: a column for each of RING_SIGNS, and ``accounts``, ``people``, ``bookings``.
    accounts
        One row an account of a community, by the account's number: ``community``; a column for each of ACCOUNT_SIGNS
        but the first; and ``people``, ``bookings``, ``hours`` (its age at the first request), ``own_phone`` (no other
        household has it), ``phone_people`` (for whom its community asks with that phone), ``days`` (from its first
        request to its last).
    """

    rings: pd.DataFrame
    accounts: pd.DataFrame


def signs_of(bookings: pd.DataFrame, community: "pd.Series[Any]") -> Signs:
    """Look at communities.

    Parameters
    ----------
    bookings
        The bookings of their accounts: the columns of `fraud.rings.find.find_rings`, ``account`` as a number.
    community
        The community of each account, by the account's number.
    """
    rows = bookings.assign(community=community.reindex(bookings["account"]).to_numpy())
    rows["log_seconds"] = np.log(rows["seconds"].astype(float).clip(lower=0.5))
    rows["one"] = rows["party"] == 1
    asked = rows.groupby(["account", "person"], sort=False)["party"].max().groupby("account").sum()
    by_account = rows.groupby("account", sort=True)
    accounts = pd.DataFrame(
        {
            "community": by_account["community"].first(),
            "people": asked,
            "bookings": by_account.size(),
            "alone": by_account["one"].mean(),
            "hours": by_account["age_hours"].min().astype(float),
            "days": (by_account["at"].max() - by_account["at"].min()).astype(float) / DAY,
        }
    )
    accounts["household"] = _households(rows, accounts)
    accounts = accounts.join(_on_phones(rows, accounts))
    accounts = accounts.assign(
        own_phone=accounts["others"] == 0,
        on_phone=np.log2(1 + accounts["others"]),
        asked_for=np.log2(accounts["people"]),
        errands=np.log2(accounts["bookings"]),
    )
    return Signs(_of_rings(rows, accounts), accounts)


def figures_of(rings: pd.DataFrame) -> pd.DataFrame:
    """Return the signs of communities as figures that a person reads: without logarithms."""
    found = rings[list(RING_SIGNS)].copy()
    found[["households", "load"]] = np.exp2(found[["households", "load"]])
    found["seconds"] = np.exp(found["seconds"])
    return found


def _of_rings(rows: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    by_ring = accounts.groupby("community", sort=True)
    households = by_ring["household"].nunique()
    people = rows.groupby(["community", "person"], sort=False)["party"].max().groupby("community").sum()
    asked = rows.groupby("community", sort=True)
    return pd.DataFrame(
        {
            "households": np.log2(households),
            "load": np.log2(people / households),
            "pooled": 1 - by_ring["own_phone"].mean(),
            "alone": asked["one"].mean(),
            "seconds": asked["log_seconds"].median(),
            "accounts": by_ring.size(),
            "people": people,
            "bookings": asked.size(),
        }
    )


def _households(rows: pd.DataFrame, accounts: pd.DataFrame) -> Ints:
    """Return a number for each account, the same for accounts that ask for the same people and are few enough."""
    pairs = rows[["account", "person", "community"]].drop_duplicates(["account", "person"])
    account = pairs["account"].map(pd.Series(np.arange(len(accounts)), index=accounts.index)).to_numpy(np.int64)
    person, people = pd.factorize(pairs["person"])
    size = len(accounts) + len(people)
    graph = coo_matrix((np.ones(len(pairs), np.int8), (account, person + len(accounts))), shape=(size, size))
    number = np.asarray(connected_components(graph, directed=False)[1][: len(accounts)], np.int64)
    # Of whom several accounts ask, each is one person; those who come along with somebody count as other people.
    once = rows.groupby("person", sort=False)["party"].max()
    place = number[account[~pairs["person"].duplicated().to_numpy()]]
    total = np.bincount(place, once.reindex(people).to_numpy(float), size)
    apart = total[number] > MOST_OF_A_HOUSEHOLD
    return np.where(apart, size + np.arange(len(accounts)), number)


def _on_phones(rows: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return of the phone that an account shares with most of its community: other households, and people on it."""
    known = rows[is_known(rows["phone"])]
    pairs = known[["account", "phone", "community"]].drop_duplicates()
    pairs = pairs.assign(household=accounts["household"].reindex(pairs["account"]).to_numpy())
    of_phone = ["community", "phone"]
    pairs["others"] = pairs.groupby(of_phone, sort=False)["household"].transform("nunique") - 1
    people = known.groupby([*of_phone, "person"], sort=False)["party"].max().groupby(of_phone, sort=False).sum()
    pairs = pairs.join(people.rename("phone_people"), on=of_phone)
    return pairs.groupby("account")[["others", "phone_people"]].max().reindex(accounts.index, fill_value=0)
