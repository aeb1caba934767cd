"""What a case keeps of a ring: figures, what speaks for it, and the part of its graph that a page can show.

No personal data; of clients, who need a passport and paid for help, not which accounts they are.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import pandas as pd

from booking.platform.models.base import Json

MOST_IDENTIFIERS: Final = 12
MOST_NODES: Final = 40
"""Accounts, devices and phones on a drawing: of more nobody sees anything."""
SPEAKS_FROM: Final = 0.5
"""Log-odds from which a sign is worth a sentence."""
SIGNS: Final = ("households", "load", "pooled", "alone", "seconds")
_HASH_DIGITS: Final = 8


def evidence_of(ring: Mapping[Any, Any], members: pd.DataFrame, links: pd.DataFrame) -> tuple[list[UUID], Json]:
    """Sum up one ring.

    Parameters
    ----------
    ring, members, links
        Its rows of what `fraud.rings.find_rings` returns.

    Returns
    -------
    tuple
        The ring's own accounts, those that are shown first; and the evidence. ``signs`` are what speaks for reselling
        and against it, the strongest first. ``shown`` holds ``roles``, ``bookings`` and ``people`` of each shown
        account, own ones before clients; ``identifiers`` (kind, the first digits of the keyed hash, all accounts on it)
        and ``links``: the number of an account, of an identifier, and the bookings that they have in common.
    """
    identifiers = _strongest_identifiers(links)
    number = {key: place for place, key in enumerate(identifiers)}
    keys = pd.Series(zip(links["kind"], links["identifier"], strict=True), index=links.index, dtype=object)
    drawn = links.assign(number=keys.map(number)).dropna(subset=["number"])
    of_account = {row["account"]: row for row in members.to_dict("records")}
    own = [account for account, row in of_account.items() if row["role"] != "client"]
    accounts = _shown(of_account, drawn["account"], own)[: MOST_NODES - len(identifiers)]
    place = {account: index for index, account in enumerate(accounts)}
    kinds = links.drop_duplicates(["kind", "identifier"])["kind"].value_counts()
    evidence = {
        "probability": round(float(ring["probability"]), 4),
        "signs": _signs(ring),
        **{name: int(ring[name]) for name in ("accounts", "organisers", "tools", "clients", "people", "bookings")},
        "devices": int(kinds.get("device", 0)),
        "phones": int(kinds.get("phone", 0)),
        "shown": {
            "roles": [str(of_account[account]["role"]) for account in accounts],
            "bookings": [int(of_account[account]["bookings"]) for account in accounts],
            "people": [int(of_account[account]["people"]) for account in accounts],
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
    return [*(account for account in own if account in place), *(one for one in own if one not in place)], evidence


def _signs(ring: Mapping[Any, Any]) -> list[Json]:
    """Return what adds to the log-odds or takes from them, with its figure."""
    figures = {name: round(float(ring[f"{name}_figure"]), 3) for name in SIGNS}
    parts = {name: float(ring[name]) for name in SIGNS if abs(float(ring[name])) >= SPEAKS_FROM}
    strongest = sorted(parts, key=lambda name: -abs(parts[name]))
    return [{"sign": name, "for": parts[name] > 0, "figure": figures[name]} for name in strongest]


def _strongest_identifiers(links: pd.DataFrame) -> dict[tuple[str, bytes], int]:
    """Return the identifiers that most accounts share, with their number."""
    pairs = Counter(zip(links["kind"], links["identifier"], strict=True))
    return dict(sorted(pairs.items(), key=lambda one: (-one[1], one[0]))[:MOST_IDENTIFIERS])


def _shown(of_account: Mapping[UUID, Any], linked: "pd.Series[Any]", own: list[UUID]) -> list[UUID]:
    """Return the accounts that are ``linked``: own ones in their order, then clients, most bookings first."""
    some = set(linked)
    clients = sorted(some.difference(own), key=lambda account: (-of_account[account]["bookings"], account))
    return [*(account for account in own if account in some), *clients]
