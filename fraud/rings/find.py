"""From a period's bookings to rings: who shares what, communities, how likely each resells, and who is who in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.rings.communities import communities, components
from fraud.rings.roles import Role, roles_of
from fraud.rings.score import Weights, judged, probability, shipped
from fraud.rings.shared import Shared, sharing, weights_of
from fraud.rings.signs import Signs, figures_of, signs_of

SHOWN_FROM: Final = 0.5
"""Probability from which a community is a ring."""
FEWEST_ACCOUNTS: Final = 3
"""Accounts of the smallest ring, and households: two are a couple."""
FEWEST_PEOPLE: Final = 10
"""People for whom the smallest ring asks: more than a large family and a cousin."""
FEWEST_BOOKINGS: Final = 6
"""Bookings from shared devices and phones of the smallest ring: two of each account."""
ON_ONE: Final = 3
"""Accounts that must meet on some device or phone: chains of chance join two at a time."""

Ints = NDArray[np.int64]
Details = Callable[["pd.Index[Any]"], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Communities:
    """Communities that are large enough to be looked at.

    Parameters
    ----------
    signs
        What is seen of them and of their accounts, whose numbers index ``accounts``; ``rank`` is an account's place
        in the order of all their values.
    links
        One row an account on a shared identifier of its community: ``community``, ``account`` (a number), ``kind``,
        ``identifier``, ``bookings``, ``weight``.
    """

    signs: Signs
    links: pd.DataFrame
    accounts: "pd.Index[Any]"


@dataclass(frozen=True, slots=True)
class Rings:
    """What was found.

    Parameters
    ----------
    rings
        One row a ring, the most probable first; its index is the ring's number. ``probability`` that it resells;
        ``accounts``, ``organisers``, ``tools``, ``clients``, ``people``, ``bookings``, ``identifiers``: int64; and for
        each of `fraud.rings.signs.RING_SIGNS` what it adds to the log-odds, and as ``<sign>_figure`` what a person
        would read: households, people of each, shares, seconds.
    members
        One row an account in a ring, organisers first: ``ring``, ``account``, ``role``, ``probability`` that it is the
        ring's own, ``people``, ``bookings``.
    links
        One row an account on a shared identifier: ``ring``, ``account``, ``kind`` ("device" or "phone"),
        ``identifier``, ``bookings``, ``weight``.
    """

    rings: pd.DataFrame
    members: pd.DataFrame
    links: pd.DataFrame


def find_rings(
    bookings: pd.DataFrame,
    *,
    details: Details | None = None,
    weights: Weights | None = None,
    shown_from: float = SHOWN_FROM,
) -> Rings:
    """Find the rings in a period's bookings.

    A ring of which no account is known to be its own is left out: nobody could be asked about.

    Parameters
    ----------
    bookings
        One row a booking: ``account``, ``device``, ``phone``: any values that can be compared; None or "" (b"") where
        unknown. ``at``: seconds since any instant. ``person``: the first of its party, any value; ``party``: how many.
        ``seconds``: of the form; ``age_hours``: of the account then; nan where unknown. Leave out the bookings of
        registered helpers: they serve many people on few devices on purpose.
    details
        Given some accounts, returns all their bookings with all columns; then ``bookings`` needs the first four alone.
    weights
        By default those of `fraud.rings.score.shipped`.
    shown_from
        See SHOWN_FROM.
    """
    seen = look(bookings, details)
    weights = weights or shipped()
    of_rings, of_accounts = judged(seen.signs, weights)
    rings, accounts = seen.signs.rings, seen.signs.accounts
    chances = probability(of_accounts)
    members = pd.DataFrame(
        {
            "community": accounts["community"],
            "account": seen.accounts[accounts.index],
            "role": roles_of(accounts, chances),
            "probability": chances,
            "people": accounts["people"].astype(np.int64),
            "bookings": accounts["bookings"].astype(np.int64),
            "rank": accounts["rank"],
        }
    )
    found = (
        rings[["accounts", "people", "bookings"]]
        .astype(np.int64)
        .assign(probability=probability(of_rings))
        .join(weights.ring.parts(rings))
    )
    for role in Role:
        of_role = members["community"][members["role"] == role].value_counts()
        found[f"{role}s"] = of_role.reindex(found.index, fill_value=0).astype(np.int64)
    shared = seen.links.drop_duplicates(["community", "kind", "identifier"])["community"].value_counts()
    found["identifiers"] = shared.reindex(found.index, fill_value=0).astype(np.int64)
    for name, figure in figures_of(rings).items():
        found[f"{name}_figure"] = figure
    found = found[(found["probability"] >= shown_from) & (found["organisers"] > 0)]
    found = found.sort_values(["probability", "accounts", "bookings"], ascending=False, kind="stable")
    return _numbered(found, members, seen.links.assign(account=seen.accounts[seen.links["account"]]))


def look(bookings: pd.DataFrame, details: Details | None = None) -> Communities:
    """Find the communities of a period's bookings, whether they resell or not; see `find_rings`."""
    shared = sharing(bookings)
    edges, component = _worth_a_look(shared)
    weight = weights_of(shared, edges)
    of_account, of_identifier = communities(shared, edges, component, weight)
    inside = of_account == of_identifier
    edges, community = edges[inside], of_account[inside]
    links = pd.DataFrame(
        {
            "community": community,
            "account": shared.account[edges],
            "number": shared.identifier[edges],
            "bookings": shared.bookings[edges],
            "weight": weight[inside],
        }
    )
    links = links[_enough(links)]
    member = links.drop_duplicates("account").set_index("account")["community"]
    inside_any = shared.accounts[member.index]
    number = pd.Series(member.index, index=inside_any)
    rows = details(inside_any) if details else bookings[bookings["account"].isin(inside_any)]
    rows = rows.assign(account=number.reindex(rows["account"]).to_numpy())
    signs = signs_of(rows, member)
    enough = (signs.rings["people"] >= FEWEST_PEOPLE) & (signs.rings["households"] >= np.log2(FEWEST_ACCOUNTS))
    large = signs.rings.index[enough]
    accounts = signs.accounts[signs.accounts["community"].isin(large)]
    by_value = np.argsort(np.asarray(shared.accounts[accounts.index]), kind="stable")
    signs = Signs(signs.rings.loc[large], accounts.assign(rank=np.argsort(by_value)))
    links = links[links["account"].isin(accounts.index)]
    links = links.assign(kind=shared.kinds[links["number"]], identifier=shared.identifiers[links["number"]])
    return Communities(signs, links.drop(columns="number").reset_index(drop=True), shared.accounts)


def _worth_a_look(shared: Shared) -> tuple[Ints, Ints]:
    """Return the edges of components that may hold a ring, and the component of each."""
    component = components(shared)
    on_it = np.bincount(shared.identifier, minlength=len(shared.kinds))[shared.identifier]
    most = np.zeros(int(component.max(initial=-1)) + 1, np.int64)
    np.maximum.at(most, component, on_it)
    # Each booking has a device and a phone: where both are shared it counts twice, so rather too many are looked at.
    bookings = np.bincount(component, shared.bookings, len(most))
    edges = np.flatnonzero(((most >= ON_ONE) & (bookings >= FEWEST_BOOKINGS))[component])
    return edges, component[edges]


def _enough(links: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which links are of communities with as many accounts and bookings as the smallest ring has."""
    pairs = links.drop_duplicates(["community", "account"])["community"]
    size = int(links["community"].max()) + 1 if len(links) else 0
    large = np.bincount(pairs, minlength=size) >= FEWEST_ACCOUNTS
    large &= np.bincount(links["community"], links["bookings"], size) >= FEWEST_BOOKINGS
    return np.asarray(large[links["community"].to_numpy()], np.bool_)


def _numbered(found: pd.DataFrame, members: pd.DataFrame, links: pd.DataFrame) -> Rings:
    number = pd.Series(np.arange(len(found)), index=found.index)
    places = {role: place for place, role in enumerate(Role)}
    parts = []
    for part in (members, links):
        kept = part[part["community"].isin(found.index)]
        kept.insert(0, "ring", number[kept["community"]].to_numpy())
        parts.append(kept.drop(columns="community"))
    people, shared = parts
    people = people.assign(place=people["role"].map(places)).sort_values(
        ["ring", "place", "people", "bookings", "rank"], ascending=[True, True, False, False, True]
    )
    return Rings(
        found.reset_index(drop=True),
        people.drop(columns=["place", "rank"]).reset_index(drop=True),
        shared.sort_values("ring", kind="stable", ignore_index=True),
    )
