"""Invented nights: holders of appointments in offices of different size, and why they would rather have another."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import Night

OFFICES: Final = 14
DAYS: Final = 14
BANDS: Final = 2
KINDS: Final = OFFICES * DAYS * BANDS
SHARES: Final = (0.5, 0.3, 0.2)
FREE: Final = 0.02
"""Free places for each holder who takes part: given back since the draw."""
FEW_DAYS: Final = 5


class Reason(IntEnum):
    """Why somebody would rather have another appointment."""

    OTHER_DAYS = 0
    """An exam, a shift: some other days at the same office, in an order of their own."""
    EARLIER = 1
    """Any earlier day at the same office, the earliest first."""
    OTHER_OFFICE = 2
    """Another office, at about the same time."""


@dataclass(frozen=True, eq=False)
class Holders:
    """What each holds and wishes, as numbers of kinds, and their `Reason`, int (holders,)."""

    holds: Sequence[int]
    wishes: Sequence[list[int]]
    reason: NDArray[np.integer]


def kind_of(office: int, day: int, band: int) -> int:
    """Return the number of a kind of places."""
    return (office * DAYS + day) * BANDS + band


def day_of(kinds: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return the day of each kind, from 0."""
    return kinds // BANDS % DAYS


def holders(count: int, *, seed: int) -> Holders:
    """Invent holders; larger offices have more of them, and are wished for more."""
    chance = np.random.default_rng(seed)
    size = 1 / np.arange(1, OFFICES + 1)
    office = chance.choice(OFFICES, count, p=size / size.sum()).tolist()
    day, band = chance.integers(0, DAYS, count).tolist(), chance.integers(0, BANDS, count).tolist()
    reason = chance.choice(len(Reason), count, p=SHARES)
    elsewhere = chance.choice(OFFICES, count, p=size / size.sum()).tolist()
    holds = [kind_of(*one) for one in zip(office, day, band, strict=True)]
    wishes = []
    for one, own in enumerate(holds):
        at, days = office[one], list(range(day[one]))
        if reason[one] == Reason.OTHER_DAYS:
            days = chance.permutation(DAYS)[:FEW_DAYS].tolist()
        elif reason[one] == Reason.OTHER_OFFICE:
            at, days = elsewhere[one], np.argsort(abs(np.arange(DAYS) - day[one]), kind="stable")[:FEW_DAYS].tolist()
        wished = (kind_of(at, each, part) for each in days for part in range(BANDS))
        wishes.append([kind for kind in wished if kind != own])
    return Holders(holds, wishes, reason)


def night_of(who: Holders, *, seed: int) -> Night:
    """Return a night of some holders, with their line and the free places by chance; each office is a circle."""
    chance = np.random.default_rng(seed)
    count = len(who.holds)
    free = chance.poisson(FREE * count / KINDS, KINDS)
    circle = np.repeat(np.arange(OFFICES), DAYS * BANDS)
    line = chance.permutation(count)
    return Night.of(list(who.holds), line.tolist(), list(who.wishes), free.tolist(), circle.tolist())
