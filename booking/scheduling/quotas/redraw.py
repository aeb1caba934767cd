"""What a past draw would have been with other quotas: the same people, the same seed, other places. Pure.

With the quotas that it was drawn by, the what-if is the draw itself, bit for bit: no bin changes, so the problem is the
same one. The weights by size of request stay those of the draw: everything else being equal.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby

from allocation import Plan, Progress, Status
from booking.country.policy.quota_table import DRAWN_POOLS, OfficeRef, QuotaTable, Splitter
from booking.platform.base.drawing_agreed import NOTICE
from booking.platform.base.release import processors
from booking.platform.models.states import Pool
from booking.scheduling.draws.decision import plan_of, problem_of
from booking.scheduling.draws.files import Bin, Frozen


class StoppedError(Exception):
    """The analyst who waited for the what-if gave it up."""


@dataclass(frozen=True, slots=True)
class DaySlot:
    """A slot of the draw's days; ``units``: its counters, times the units of one."""

    id: int
    office: OfficeRef
    accessible: bool
    day: date
    band: str
    starts_at: datetime
    ends_at: datetime
    units: int


def redraw(
    frozen: Frozen,
    seed: bytes,
    *,
    workers: int | None = None,
    on_progress: Callable[[Progress], bool] | None = None,
) -> Plan:
    """Draw again from frozen files and the seed, without seating anybody.

    Parameters
    ----------
    workers
        Threads, as many as this process has processors where none are named; they do not change the plan.

    Raises
    ------
    StoppedError
        ``on_progress`` returned False.
    """
    plan = plan_of(frozen, problem_of(frozen, seed), workers=workers or processors(), on_progress=on_progress)
    if plan.status is Status.STOPPED:
        raise StoppedError
    return plan


def with_quotas(
    frozen: Frozen,
    slots: Sequence[DaySlot],
    splitter: Splitter,
    *,
    drawn_by: QuotaTable,
    quotas: QuotaTable,
    counters: Mapping[str, int] | None = None,
) -> Frozen:
    """Return the draw's frozen files as they would have been under ``quotas``.

    Parameters
    ----------
    frozen
        What was fixed when the draw closed.
    slots
        All slots of the draw's days, in any order.
    drawn_by
        The quotas under which the places of its days were split.
    quotas
        The quotas to try.
    counters
        Counters more (or fewer) in each slot of an office, by its code.

    Returns
    -------
    Frozen
        ``frozen`` itself where no office-day's totals differ. Else its bins follow what each office-day has more or
        fewer of each pool; what others had taken before the closing stays taken.
    """
    counters = counters or {}
    free = {(each.pool, slot): count for each in frozen.bins for slot, count in zip(each.slots, each.free, strict=True)}
    earliest = datetime.fromisoformat(frozen.facts["closed_at"]) + NOTICE
    changed: dict[tuple[str, date, Pool], list[Bin]] = {}
    for of_day in office_days(slots):
        office, day = of_day[0].office, of_day[0].day
        before, after = (table.quota_of(office, day.weekday()) for table in (drawn_by, quotas))
        added = counters.get(office.code, 0) * splitter.block
        rows = [row for row, slot in enumerate(of_day) if slot.starts_at >= earliest]
        if (before == after and not added) or not rows:
            continue
        old = splitter.split(before, [slot.units for slot in of_day])
        new = splitter.split(after, [max(0, slot.units + added) for slot in of_day])
        for pool in DRAWN_POOLS:
            wanted = [then[pool] - now[pool] for now, then in zip(old, new, strict=True)]
            if sum(wanted):
                was = [free.get((pool, slot.id), 0) for slot in of_day]
                changed[office.code, day, pool] = _bins(of_day, _moved(was, wanted, rows), pool)
    if not changed:
        return frozen
    kept = [each for each in frozen.bins if (each.office, each.day, each.pool) not in changed]
    bins = kept + [each for group in changed.values() for each in group]
    return _with_bins(frozen, bins)


def upcoming(frozen: Frozen, slots: Sequence[DaySlot], splitter: Splitter, quotas: QuotaTable) -> Frozen:
    """Return files of a draw that has not been: the requests of ``frozen`` and all places of ``slots``, none taken.

    So a forecast of the next draw is tried like a past one: write the expected requests as leaves, with any facts and
    any seed, and let `redraw` draw.
    """
    bins: list[Bin] = []
    for of_day in office_days(slots):
        quota = quotas.quota_of(of_day[0].office, of_day[0].day.weekday())
        split = splitter.split(quota, [slot.units for slot in of_day])
        for pool in DRAWN_POOLS:
            bins += _bins(of_day, [places[pool] for places in split], pool)
    return _with_bins(frozen, bins)


def _with_bins(frozen: Frozen, bins: Sequence[Bin]) -> Frozen:
    """Return the draw's files with other bins, in their order; the requests are put into columns once for all tries."""
    rising = sorted(bins, key=lambda each: (each.office, each.day, each.starts_at, each.pool))
    return replace(frozen, bins=rising, columns=frozen.asked)


def office_days(slots: Sequence[DaySlot]) -> Iterator[list[DaySlot]]:
    """Yield the slots of each office-day, in their order."""
    ordered = sorted(slots, key=lambda slot: (slot.office.code, slot.day, slot.starts_at))
    for _, group in groupby(ordered, key=lambda slot: (slot.office.code, slot.day)):
        yield list(group)


def _moved(was: Sequence[int], wanted: Sequence[int], rows: Sequence[int]) -> list[int]:
    """Return a day's free places of one pool after it gained (or lost) what is wanted, in these rows; never below none.

    Only the day's sum counts: a pool whose places merely stand in other slots has as many as before.
    """
    now, left, more = list(was), list(wanted), sum(wanted)
    for _ in range(abs(more)):
        if more > 0:
            row = max(rows, key=lambda one: left[one])
            now[row] += 1
            left[row] -= 1
        else:
            row = max(rows, key=lambda one: (now[one] > 0, -left[one], now[one]))
            if now[row] == 0:
                break  # all that is gone was taken already
            now[row] -= 1
            left[row] += 1
    return now


def _bins(slots: Sequence[DaySlot], free: Sequence[int], pool: Pool) -> list[Bin]:
    """Return runs of touching slots with free places, as `booking.scheduling.draws.freeze` does."""
    bins: list[Bin] = []
    last: DaySlot | None = None
    for slot, count in zip(slots, free, strict=True):
        if not count:
            last = None
            continue
        if last is not None and last.ends_at == slot.starts_at and last.band == slot.band:
            bins[-1] = replace(bins[-1], slots=(*bins[-1].slots, slot.id), free=(*bins[-1].free, count))
        else:
            bins.append(
                Bin(
                    office=slot.office.code,
                    accessible=slot.accessible,
                    day=slot.day,
                    band=slot.band,
                    pool=pool,
                    starts_at=slot.starts_at.astimezone(UTC),
                    slots=(slot.id,),
                    free=(count,),
                )
            )
        last = slot
    return bins


def pool_places(slots: Sequence[DaySlot], splitter: Splitter, quotas: QuotaTable, pool: Pool) -> Mapping[str, int]:
    """Sum the places of a pool over the days, by office."""
    total: dict[str, int] = {}
    for of_day in office_days(slots):
        office = of_day[0].office
        split = splitter.split(quotas.quota_of(office, of_day[0].day.weekday()), [slot.units for slot in of_day])
        total[office.code] = total.get(office.code, 0) + sum(slot[pool] for slot in split)
    return total
