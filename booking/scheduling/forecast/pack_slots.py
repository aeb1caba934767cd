"""The slots that a country pack would open with its first quotas, for invented history, which no database has."""

from collections import Counter
from datetime import date

import pandas as pd

from booking.country.packs.calendar import generate_slots
from booking.country.packs.schema import Pack
from booking.country.policy.quota_table import ORDER, Level, OfficeRef, Quota, QuotaTable, Scope, Splitter, Unit
from booking.platform.models.states import Pool


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
