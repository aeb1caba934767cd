"""What a case keeps of a ring: figures, and the part of its graph that a page can show. No personal data."""

from collections import Counter
from typing import Any, Final
from uuid import UUID

import pandas as pd

from booking.models.base import Json

MOST_IDENTIFIERS: Final = 12
MOST_NODES: Final = 40
"""Accounts, devices and phones on a drawing: of more nobody sees anything."""
_HASH_DIGITS: Final = 8


def evidence_of(members: pd.DataFrame, links: pd.DataFrame) -> tuple[list[UUID], Json]:
    """Sum up one ring.

    Parameters
    ----------
    members, links
        Its rows of what `fraud.linkage.rings.find_rings` gives.

    Returns
    -------
    tuple
        The accounts, those that are shown first; and the evidence. ``shown`` holds ``bookings`` of each shown account,
        ``identifiers`` (kind, the first digits of the keyed hash, all accounts on it) and ``links``: the number of an
        account, of an identifier, and the bookings that they have in common.
    """
    identifiers = _strongest_identifiers(links)
    number = {key: place for place, key in enumerate(identifiers)}
    keys = pd.Series(zip(links["kind"], links["identifier"], strict=True), index=links.index, dtype=object)
    drawn = links.assign(number=keys.map(number)).dropna(subset=["number"])
    accounts = _strongest_accounts(members, drawn["account"])[: MOST_NODES - len(identifiers)]
    place = {account: index for index, account in enumerate(accounts)}
    bookings = dict(zip(members["account"], members["bookings"].tolist(), strict=True))
    kinds = links.drop_duplicates(["kind", "identifier"])["kind"].value_counts()
    evidence = {
        "accounts": len(members),
        "bookings": int(members["bookings"].sum()),
        "devices": int(kinds.get("device", 0)),
        "phones": int(kinds.get("phone", 0)),
        "shown": {
            "bookings": [bookings[account] for account in accounts],
            "identifiers": [
                {"kind": kind, "hash": identifier.hex()[:_HASH_DIGITS], "accounts": size}
                for (kind, identifier), size in identifiers.items()
            ],
            "links": sorted(
                [place[account], int(identifier), int(common)]
                for account, identifier, common in zip(
                    drawn["account"], drawn["number"], drawn["bookings"], strict=True
                )
                if account in place
            ),
        },
    }
    return [*accounts, *(account for account in members["account"] if account not in place)], evidence


def _strongest_identifiers(links: pd.DataFrame) -> dict[tuple[str, bytes], int]:
    """Return the identifiers that most accounts share, with their number."""
    pairs = Counter(zip(links["kind"], links["identifier"], strict=True))
    return dict(sorted(pairs.items(), key=lambda one: (-one[1], one[0]))[:MOST_IDENTIFIERS])


def _strongest_accounts(members: pd.DataFrame, linked: "pd.Series[Any]") -> list[UUID]:
    """Return the accounts that are ``linked``, those with most links and bookings first."""
    links = Counter(linked)
    bookings = dict(zip(members["account"], members["bookings"].tolist(), strict=True))
    return sorted(links, key=lambda account: (-links[account], -bookings[account], account))
