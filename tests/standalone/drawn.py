"""Draws made of invented requests and places, published without a database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

import numpy as np

from allocation import lottery
from booking.platform.models.states import Pool
from booking.scheduling.draws.csv_tables import FORMAT
from booking.scheduling.draws.decision import decide
from booking.scheduling.draws.files import BINS, DRAW, REQUESTS, SEED, Bin, pack_lines, read_frozen, write_bins
from booking.scheduling.draws.formats import digest, write_json
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.statement import versions
from booking.scheduling.requests.receipt import WishRow, receipt_of

DRAW_SEED = bytes(range(32))
FIRST = date(2026, 11, 8)
OFFICES, BANDS = ("aleppo", "damascus", "homs"), ("afternoon", "midday", "morning")
MOST_SLOTS = 3  # of one pool in one band
BEGINS = {"morning": 6, "midday": 9, "afternoon": 12}


def invented(
    requests: int, *, seed: int, largest: int = 1, days: int = 5, wide: int = 3, **facts: Any
) -> dict[str, bytes]:
    """Publish a draw; ``facts`` may hold its ``mechanism`` and its ``compensation``."""
    random = np.random.default_rng(seed)
    leaves = sorted((a_leaf(random, largest, max(days, 1)) for _ in range(requests)), key=lambda leaf: leaf.receipt)
    last = FIRST + timedelta(days=max(days, 1) - 1)
    contents = write_frozen(stated(leaves, last, **facts), leaves, some_bins(random, days, wide))
    results = decide(read_frozen(contents), DRAW_SEED).result_files(contents)
    return contents | results | {SEED: DRAW_SEED.hex().encode() + b"\n"}


def write_frozen(facts: Mapping[str, Any], leaves: Iterable[Leaf], bins: Iterable[Bin]) -> dict[str, bytes]:
    """The three frozen files of format 1; draw.json holds ``facts`` and the hashes of the two others."""
    files = {REQUESTS: pack_lines(leaf.line() for leaf in leaves), BINS: write_bins(bins)}
    content = dict(facts) | {"format": FORMAT, "files": {name: digest(content) for name, content in files.items()}}
    files |= {DRAW: write_json(content)}
    return files


def stated(leaves: Sequence[Leaf], last: date, **facts: Any) -> dict[str, Any]:
    """Return what draw.json says of a draw from `FIRST` to ``last``, with more ``facts``."""
    return {
        "reference": "invented",
        "opens_at": "2026-10-31T17:00:00+00:00",
        "closes_at": "2026-11-01T17:00:00+00:00",
        "closed_at": "2026-11-01T17:00:00.250000+00:00",
        "horizon_first": FIRST.isoformat(),
        "horizon_last": last.isoformat(),
        "confirm_seconds": 172_800,
        "policy_version": None,
        "requests": len(leaves),
        "root": lottery.merkle_root([leaf.record() for leaf in leaves]).hex(),
        "seed_commitment": lottery.commitment(DRAW_SEED).hex(),
        "solver_seconds": 1,
        "versions": versions(),
    } | facts


def a_leaf(random: np.random.Generator, largest: int, days: int, begin: date = FIRST) -> Leaf:
    first = begin + timedelta(days=int(random.integers(-2, days)))
    party = int(random.integers(1, largest + 1))
    wish = WishRow(
        service="passport-renewal",
        party=party,
        units=party,
        offices=tuple(random.permutation(OFFICES)[: random.integers(1, 4)].tolist()),
        first_day=first,
        last_day=first + timedelta(days=int(random.integers(0, days))) if random.integers(2) else None,
        weekdays=int(random.choice([127, 127, 0b0011111])),
        bands=tuple(sorted(random.permutation(BANDS)[: random.integers(1, 4)].tolist())),
        needed_by=first + timedelta(days=int(random.integers(0, days))) if random.random() < 1 / 3 else None,
        accessible=bool(random.random() < 1 / 5),
        door="home",
        nonce=random.bytes(16),
    )
    return Leaf(wish, receipt_of(wish), sha256(random.bytes(8)).digest()[:16], int(random.integers(3)))


def some_bins(random: np.random.Generator, days: int, wide: int, begin: date = FIRST) -> list[Bin]:
    bins, slot = [], 0
    for office in OFFICES:
        for day in range(days):
            for band in sorted(BANDS, key=BEGINS.__getitem__):
                for pool in (Pool.ACCESSIBLE, Pool.DRAW):
                    if random.random() < (2 / 3 if pool is Pool.ACCESSIBLE else 1 / 5):
                        continue
                    count = int(random.integers(1, MOST_SLOTS + 1))
                    on = begin + timedelta(days=day)
                    starts_at = datetime.combine(on, time(BEGINS[band]), UTC)
                    slots, free = tuple(range(slot, slot + count)), random.integers(1, wide, count).tolist()
                    accessible = office != "homs"
                    bins.append(Bin(office, accessible, on, band, pool, starts_at, slots, tuple(free)))
                slot += MOST_SLOTS
    return bins
