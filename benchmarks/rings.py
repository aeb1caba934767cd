"""Planted rings in a million bookings: seconds, and how many of their bookings are found, with and without networks.

Run with ``./run bench rings``. 500 rings of 20 to 120 accounts, each with 3 to 8 devices, and 70 % of its accounts on
10 phones. Of the honest, 15 % share a device and 10 % a phone with anyone at all (families and chance): harsher than
families alone. Network addresses are shared as on mobile networks (Zipf). Each booking has an account of its own.
"""

import time

import numpy as np
import pandas as pd

from fraud.linkage.rings import components, find_rings

BOOKINGS, RINGS, SEEDS, ROUNDS = 1_000_000, 500, (3, 4, 5), 3


def planted(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Make bookings, and return for each the ring it is of, or -1."""
    rng = np.random.default_rng(seed)
    account = np.arange(BOOKINGS)
    device = np.where(rng.random(BOOKINGS) < 0.85, account, rng.integers(0, 850_000, BOOKINGS))
    phone = np.where(rng.random(BOOKINGS) < 0.9, account, rng.integers(0, 900_000, BOOKINGS))
    network = rng.zipf(1.3, BOOKINGS) % 400_000
    ring = np.full(BOOKINGS, -1)
    for number in range(RINGS):
        members = rng.choice(BOOKINGS, rng.integers(20, 121), replace=False)
        members = members[ring[members] < 0]
        ring[members] = number
        device[members] = 2_000_000 + number * 10 + rng.integers(0, rng.integers(3, 9), len(members))
        on_phones = members[rng.random(len(members)) < 0.7]
        phone[on_phones] = 3_000_000 + number * 20 + rng.integers(0, 10, len(on_phones))
    return pd.DataFrame({"account": account, "device": device, "phone": phone, "network": network}), ring


def with_networks(bookings: pd.DataFrame) -> int:
    """Return the size of the largest component where networks join accounts too."""
    ends, offset = [], BOOKINGS
    for kind in ("device", "phone", "network"):
        codes, values = pd.factorize(bookings[kind])
        ends.append(codes + offset)
        offset += len(values)
    found = components(offset, np.tile(np.arange(BOOKINGS), 3), np.concatenate(ends))
    return int(np.bincount(found[:BOOKINGS]).max())


def main() -> None:
    """Print one line a seed."""
    for seed in SEEDS:
        bookings, ring = planted(seed)
        find_rings(bookings.head(1_000))  # compiles, once an installation
        seconds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            found = find_rings(bookings)
            seconds.append(time.perf_counter() - start)
        flagged = found.members["account"].to_numpy()
        right = np.count_nonzero(ring[flagged] >= 0)
        print(
            f"seed {seed}: {min(seconds):.2f} s (worst {max(seconds):.2f}), {len(found.rings)} rings for {RINGS}, "
            f"largest {found.rings['accounts'].max()}; bookings: precision {right / len(flagged):.3f}, "
            f"recall {right / np.count_nonzero(ring >= 0):.3f}; "
            f"with networks the largest component has {with_networks(bookings) / BOOKINGS:.1%} of all"
        )


if __name__ == "__main__":
    main()
