"""How many more places of the draw a slot could be given because some will not come. A proposal, never a change.

What it may cost is laid down before the number is sought:

1. A place that is added is **lent by the walk-in pool of the same slot**, never more than half of it. If everybody
   comes, all with an appointment are served by the slot's own counters: nobody is refused and nobody stays longer.
   Walk-ins have fewer places then.
2. The chance that this happens, that more units come than the slot's places for the draw, is at most ``at_most``. It
   is the tail of the exact distribution of a sum of parties that each come or not (Poisson-binomial, parties whole).
3. It holds at the **cautious** rate of no-shows (`booking.scheduling.forecast.attendance`): in the nineteen weeks
   of twenty whose rate is at least that.

No-shows give back, on average, more units than were lent; those serve people without an appointment.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from booking.country.packs.schema import Pack
from booking.country.packs.shares import generate_slots
from booking.country.policy.quota_table import ORDER, Level, OfficeRef, Quota, QuotaTable, Scope, Splitter, Unit
from booking.platform.models.states import Pool
from fraud.no_show.model import units_that_come

LENT: Final = 0.5
"""The share of a slot's walk-in pool that may be lent at most: people without an appointment can count on the rest."""
SINGLES: Final = (1.0,)
"""Parties of one unit only."""


@lru_cache(maxsize=4096)
def extra_for_slot(
    places: int, absent: float, *, at_most: float, reserve: int, mix: tuple[float, ...] = SINGLES
) -> int:
    """Return how many units more a slot could be given.

    Parameters
    ----------
    places
        Units that the slot has for the draw.
    absent
        The chance that a party does not come, 0 to 1; the cautious one.
    at_most
        The chance, 0 to 1, that more units come than ``places``; 0 gives none.
    reserve
        Walk-in units of the slot: nothing beyond them is given, whatever the chance.
    mix
        Shares of parties of 1, 2, ... units among appointments.

    Returns
    -------
    int
        The largest number up to which every smaller one keeps the bound; never falls when ``absent`` rises.
    """
    extra = 0
    while extra < reserve and at_most > 0 and overflow(places, extra + 1, absent, mix=mix) <= at_most:
        extra += 1
    return extra


def overflow(places: int, extra: int, absent: float, *, mix: tuple[float, ...] = SINGLES) -> float:
    """Return the chance that more than ``places`` units come where ``places + extra`` are given."""
    parties = typical_parties(places + extra, mix)
    return float(units_that_come([1 - absent] * len(parties), parties)[places + 1 :].sum())


def typical_parties(units: int, mix: Sequence[float]) -> list[int]:
    """Fill units with parties as the mix has them: the largest first, what is left over by smaller ones."""
    mean = sum(size * share for size, share in enumerate(mix, 1)) / sum(mix)
    parties: list[int] = []
    left = units
    for size in range(len(mix), 0, -1):
        wanted = left // size if size == 1 else min(left // size, round(units / mean * mix[size - 1] / sum(mix)))
        parties += [size] * wanted
        left -= size * wanted
    return parties


def mix_of(units: Sequence[int]) -> tuple[float, ...]:
    """Return the shares of parties of 1, 2, ... units."""
    counted = Counter(units)
    return tuple(counted[size] / len(units) for size in range(1, max(counted) + 1)) if counted else SINGLES


def propose(slots: pd.DataFrame, offices: pd.DataFrame, *, at_most: float, mix: tuple[float, ...]) -> pd.DataFrame:
    """Propose for each office how much its walk-in pool could lend to the draw.

    Parameters
    ----------
    slots
        Coming slots, a row for each kind of slot: ``office``, ``draw`` and ``walk_in`` (units), ``units`` (all of the
        slot), ``slots`` (how many there are like it).
    offices
        See `Attendance.offices`.
    at_most, mix
        See `extra_for_slot`.

    Returns
    -------
    pandas.DataFrame
        ``office``, ``absent`` (the cautious rate), ``slots``, ``draw``, ``walk_in``, ``units`` (sums), ``extra``
        (units lent), ``overflow`` (the largest chance of any slot), ``back`` (units that no-shows give back on
        average). Offices whose attendance is not known are left out.
    """
    rate = dict(zip(offices["office"], offices["rate"], strict=True))
    cautious = dict(zip(offices["office"], offices["low"], strict=True))
    rows = []
    for office, part in slots[slots["office"].isin(list(cautious))].groupby("office"):
        absent = round(float(cautious[office]), 4)
        draw, walk_in = part["draw"].tolist(), part["walk_in"].tolist()
        extra = [
            extra_for_slot(places, absent, at_most=at_most, reserve=int(LENT * reserve), mix=mix)
            for places, reserve in zip(draw, walk_in, strict=True)
        ]
        chance = [
            overflow(places, more, absent, mix=mix) if more else 0.0 for places, more in zip(draw, extra, strict=True)
        ]
        count = part["slots"].to_numpy(np.int64)
        sums = {name: int((part[name] * count).sum()) for name in ("draw", "walk_in", "units")}
        lent = int((np.array(extra) * count).sum())
        rows.append(
            {"office": office, "absent": absent, "slots": int(count.sum())}
            | sums
            | {"extra": lent, "overflow": max(chance), "back": (sums["draw"] + lent) * rate[office]}
        )
    columns = ["office", "absent", "slots", "draw", "walk_in", "units", "extra", "overflow", "back"]
    return pd.DataFrame(rows, columns=columns)


def pack_slots(pack: Pack, *, first: date, last: date) -> pd.DataFrame:
    """Count the slots of some days, both included, as `booking.scheduling.forecast.history.coming_slots` does.

    Returns
    -------
    pandas.DataFrame
        ``office``, ``draw``, ``walk_in``, ``units`` (of a slot), ``slots`` (how many there are like it).
    """
    quotas, splitter = _first_quotas(pack), Splitter(pack.country.units_per_slot)
    rows = []
    for office in pack.offices:
        quota = quotas.quota_of(OfficeRef(office.code, office.region, office.kind), None)
        days: dict[date, list[int]] = {}
        for slot in generate_slots(pack, office, first, last):
            days.setdefault(slot.local_date, []).append(slot.counters * pack.country.units_per_slot)
        alike = Counter(
            (places[Pool.DRAW], places[Pool.WALK_IN], units)
            for of_day in days.values()
            for places, units in zip(splitter.split(quota, of_day), of_day, strict=True)
        )
        rows += [(office.code, *kind, count) for kind, count in sorted(alike.items())]
    return pd.DataFrame(rows, columns=["office", "draw", "walk_in", "units", "slots"])


def _first_quotas(pack: Pack) -> QuotaTable:
    rows = {}
    for kind in sorted({office.kind for office in pack.offices}):
        shares = pack.quotas.shares(kind)
        rows[Scope(Level.KIND, kind)] = Quota(Unit.SHARES, tuple(shares[pool] for pool in ORDER))
    return QuotaTable(rows)
