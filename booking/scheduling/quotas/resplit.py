"""Give the places of coming days to pools by another policy; nobody loses a place that they have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import String, func, select, text, type_coerce
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.quotas import UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.country.policy.quota_table import OfficeRef, Quota, QuotaTable, Splitter
from booking.platform.base.drawing_agreed import CLOSING, NOTICE
from booking.platform.models import Draw, Office, QuotaPolicy, Slot, SlotPool, counts_on_places
from booking.platform.models.states import DrawState, Pool
from booking.scheduling.quotas.errors import DrawUnderWayError, StrandedPlaces, StrandedPlacesError

Places = Mapping[Pool, int]


@dataclass(frozen=True, slots=True)
class Stranded:
    """Places of one pool of an office-day that are taken, and how many the policy would leave."""

    pool: Pool
    taken: int
    places: int


def stranded(wished: Sequence[Places], taken: Sequence[Places]) -> list[Stranded]:
    """Return the pools of an office-day of which more is taken than the policy would leave.

    Inside the day a place may stand in any slot, so only the day's totals count.
    """
    wished_total, taken_total = _totals(wished), _totals(taken)
    return [
        Stranded(pool, count, wished_total.get(pool, 0))
        for pool, count in sorted(taken_total.items())
        if count > wished_total.get(pool, 0)
    ]


def laid_out(wished: Sequence[Places], taken: Sequence[Places]) -> list[dict[Pool, int]]:
    """Return the places of each slot and pool: as wished, but nowhere fewer than are taken.

    Parameters
    ----------
    wished
        For each slot of an office-day the places that the policy gives, by pool.
    taken
        For each slot the places that somebody has.

    Returns
    -------
    list of dict
        Each slot keeps its sum, and each pool its day's total; a pool of which more is taken keeps just that, at the
        cost of those with most free places.

    Raises
    ------
    ValueError
        More is taken of a slot than it has places.

    Notes
    -----
    Totals first: a pool that lacks places gets them from the one with most room. Then slots: while a slot has fewer
    places of a pool than are taken, it changes one with another slot, which has more of that pool than it needs. Such
    a slot, and a pool to give for it, always exist, since the sums hold at least what is taken; each change brings
    the end one place nearer.
    """
    places = [{pool: slot.get(pool, 0) for pool in Pool} for slot in wished]
    held = [{pool: slot.get(pool, 0) for pool in Pool} for slot in taken]
    for slot, has in zip(places, held, strict=True):
        if sum(has.values()) > sum(slot.values()):
            raise ValueError("more places are taken than the slot has")
    _give_room(places, held)
    for slot, has in zip(places, held, strict=True):
        for pool in Pool:
            while slot[pool] < has[pool]:
                spare = max(Pool, key=lambda one: slot[one] - has[one])
                other = max(range(len(places)), key=lambda row: places[row][pool] - held[row][pool])
                slot[pool] += 1
                slot[spare] -= 1
                places[other][pool] -= 1
                places[other][spare] += 1
    return places


def _give_room(places: list[dict[Pool, int]], held: list[dict[Pool, int]]) -> None:
    """Let every pool of the day have at least what is taken of it."""
    total, needed = _totals(places), _totals(held)
    for pool in Pool:
        while total[pool] < needed[pool]:
            richest = max(Pool, key=lambda one: total[one] - needed[one])
            slot = max(places, key=lambda one: one[richest])
            slot[richest] -= 1
            slot[pool] += 1
            total[richest] -= 1
            total[pool] += 1


def _totals(slots: Sequence[Places]) -> dict[Pool, int]:
    return {pool: sum(slot.get(pool, 0) for slot in slots) for pool in Pool}


_SET_PLACES: Final = text(
    """
    INSERT INTO slot_pool AS pool (slot_id, pool, places, taken)
    SELECT *, 0 FROM unnest(CAST(:slots AS bigint[]), CAST(:pools AS text[]), CAST(:places AS int[]))
    ON CONFLICT (slot_id, pool) DO UPDATE SET places = EXCLUDED.places + pool.overbooked
    WHERE pool.taken <= EXCLUDED.places + pool.overbooked
    RETURNING slot_id
    """
)


@dataclass(frozen=True, slots=True)
class Resplit:
    """What another policy does to coming days: office-days that change, units that change pool, where people stay."""

    office_days: int
    units: int
    kept: Sequence[StrandedPlaces]


_Day = tuple[tuple[tuple[str, int, int], ...], ...]
"""An office-day: of each slot its pools by name, their places, and how many are taken; overbooked ones left out."""


@dataclass(frozen=True)
class _Split:
    """An office-day by another policy: pools it leaves too few, units that change pool, places by slot that change."""

    lost: Sequence[Stranded]
    units: int
    changes: Sequence[tuple[int, Pool, int]]


def resplit(session: Session, core: Core, policy: QuotaPolicy, *, keep: bool) -> Resplit:
    """Split the coming days by ``policy``, in the caller's transaction.

    Parameters
    ----------
    keep
        What to do where more places of a pool are taken than the policy leaves: True, leave it those that are taken,
        at the cost of the day's other pools; False, refuse.

    Raises
    ------
    DrawUnderWayError
        A closed draw counts on the places as they are.
    StrandedPlacesError
        Places are taken that the policy would not leave, and they are not to be kept.

    Notes
    -----
    Only days that a later draw can still give, at least `NOTICE` ahead, and whose urgent places did not go back yet.
    Each slot keeps as many places as it has: a counter that was closed stays closed, an added urgent place stays added.
    Places that went to another pool meanwhile (an instant booking was cancelled) are the policy's again.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOSING})
    closed = session.scalar(select(Draw.reference).where(counts_on_places()))
    if closed is not None:
        raise DrawUnderWayError(closed)
    table = QuotaTable.read(policy.shares, policy.overrides)
    split = cache(partial(_split, Splitter(core.pack.country.units_per_slot)))  # most office-days are like many others
    changes: list[tuple[int, Pool, int]] = []
    days, units, lost = 0, 0, []
    for office, day, slots in _office_days(session, core, policy):
        ref = OfficeRef(office.code, office.region_code, office.kind.value)
        found = split(table.quota_of(ref, day.weekday()), tuple(slots.values()))
        lost += [
            StrandedPlaces(office.name_ar, office.name_en, day, one.pool, one.taken, one.places) for one in found.lost
        ]
        if found.units:
            days, units = days + 1, units + found.units
            ids = list(slots)
            changes += [(ids[place], pool, count) for place, pool, count in found.changes]
    if lost and not keep:
        raise StrandedPlacesError(lost)
    _write(session, sorted(changes))
    return Resplit(days, units, lost)


def first_day(session: Session, core: Core, limits: UrgentLimits, now: datetime) -> date:
    """Return the first day that may be split again: a later draw can reach it, and it still has its urgent places."""
    today = now.astimezone(ZoneInfo(core.pack.country.time_zone)).date()
    earliest = session.scalar(
        select(func.min(Draw.horizon_first)).where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN]))
    )
    after = today + timedelta(days=limits.urgent_return_days + 2)  # somewhere it is tomorrow already
    return after if earliest is None else max(after, earliest)


def _office_days(
    session: Session, core: Core, policy: QuotaPolicy
) -> Iterator[tuple[Office, date, dict[int, tuple[tuple[str, int, int], ...]]]]:
    """Lock the pools of coming days, in the order of their keys like everyone else; return them by office and day."""
    now = core.clock.now()
    limits = policy_limits.pick(UrgentLimits, policy.limits)
    day = first_day(session, core, limits, now)
    ahead = (Slot.local_day >= day, Slot.starts_at >= now + NOTICE)
    pools: dict[int, list[tuple[str, int, int]]] = {}
    locked = (
        select(
            SlotPool.slot_id, type_coerce(SlotPool.pool, String), SlotPool.places, SlotPool.taken, SlotPool.overbooked
        )
        .join(Slot, Slot.id == SlotPool.slot_id)
        .where(*ahead)
        .order_by(SlotPool.slot_id, SlotPool.pool)
        .with_for_update(of=SlotPool)
    )
    for slot_id, pool, places, taken, overbooked in session.execute(locked):
        pools.setdefault(slot_id, []).append((pool, places - overbooked, taken - overbooked))
    offices = {office.id: office for office in session.scalars(select(Office))}
    slots = session.execute(
        select(Slot.id, Slot.office_id, Slot.local_day)
        .where(*ahead)
        .order_by(Slot.office_id, Slot.local_day, Slot.starts_at)
    ).all()
    for (office_id, local_day), group in groupby(slots, key=lambda row: (row.office_id, row.local_day)):
        yield offices[office_id], local_day, {row.id: tuple(pools.get(row.id, ())) for row in group}


def _split(splitter: Splitter, quota: Quota, day: _Day) -> _Split:
    """Split one office-day; one whose totals stay keeps its slots as they are."""
    places = [{Pool(pool): count for pool, count, _ in slot} for slot in day]
    taken = [{Pool(pool): count for pool, _, count in slot} for slot in day]
    wished = splitter.split(quota, [sum(slot.values()) for slot in places])
    split = laid_out(wished, taken)
    units = sum(max(0, _total(split, pool) - _total(places, pool)) for pool in Pool)
    changes = [
        (slot, pool, count)
        for slot, after in enumerate(split)
        for pool, count in after.items()
        if count != places[slot].get(pool, 0)
    ]
    return _Split(stranded(wished, taken), units, changes)


def _total(slots: Sequence[Mapping[Pool, int]], pool: Pool) -> int:
    return sum(slot.get(pool, 0) for slot in slots)


def _write(session: Session, changes: Sequence[tuple[int, Pool, int]]) -> None:
    if not changes:
        return
    slots, pools, places = (list(column) for column in zip(*changes, strict=True))
    written = session.execute(
        _SET_PLACES, {"slots": slots, "pools": [pool.value for pool in pools], "places": places}
    ).all()
    if len(written) != len(changes):  # the rows are locked: this would be a fault of ours, and must not pass
        raise RuntimeError(f"{len(changes) - len(written)} pools hold more than was counted")
