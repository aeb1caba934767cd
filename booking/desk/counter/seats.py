"""Where the people of a closed office-day can go with the least change: tables in, seats out, no database.

Same office and nearest days first, then the other offices that the request ranked. Those who lost more draws stand
first, then whose time comes first. The solver serves as many as possible in this line and proves it; it reads no clock
and throws no dice, so the same tables give the same seats.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from allocation import Problem, place_in_slots, solve
from booking.desk.counter.parties import Party, Seat
from booking.platform.models.states import Pool
from booking.scheduling.draws.files import Bin

SECONDS: Final = 4
_A_DAY, _ANOTHER_BAND, _EARLIER = 8, 2, 1


def find_seats(parties: Sequence[Party], bins: Sequence[Bin]) -> dict[str, Seat]:
    """Find a seat for as many as possible; a party that is not in the answer has none.

    Parameters
    ----------
    parties
        In any order.
    bins
        Free places as runs of touching slots, of the days and offices that come into question.
    """
    line = sorted(parties, key=lambda one: (-one.lost_draws, one.starts_at, one.reference))
    pairs = [
        (row, number, one.offices.index(each.office), _late(one, each), _cost(one, each))
        for row, one in enumerate(line)
        for number, each in enumerate(bins)
        if _accepts(one, each)
    ]
    if not pairs:
        return {}
    request, bin_number, rank, late, cost = (np.array(column) for column in zip(*pairs, strict=True))
    problem = Problem(
        pair_request=request,
        pair_bin=bin_number,
        pair_rank=rank,
        pair_late=late,
        pair_cost=cost,
        party=np.array([one.size for one in line]),
        units=np.array([one.units for one in line]),
        tier=np.array([one.lost_draws for one in line]),
        order=np.arange(len(line), dtype=np.int32),
        places=np.array([each.places for each in bins]),
    )
    chosen = solve(problem, seconds=SECONDS).bin_of_request.tolist()
    seats: dict[str, Seat] = {}
    for number, each in enumerate(bins):
        inside = [row for row, at in enumerate(chosen) if at == number]
        if inside:
            placed = place_in_slots(each.free, [line[row].units for row in inside])
            for place, row in enumerate(inside):
                first, units = placed.of(place)
                slots = tuple((each.slots[first + step], count) for step, count in enumerate(units) if count)
                seats[line[row].reference] = Seat(each.pool, slots)
    return seats


def _accepts(one: Party, each: Bin) -> bool:
    if each.office not in one.offices or (one.accessible and not each.accessible):
        return False
    if each.pool is Pool.ACCESSIBLE and not one.accessible:
        return False
    if one.first_day == one.last_day:
        return True
    return (
        bool(one.weekdays >> each.day.weekday() & 1)
        and each.band in one.bands
        and one.first_day <= each.day
        and (one.last_day is None or each.day <= one.last_day)
    )


def _late(one: Party, each: Bin) -> bool:
    return one.needed_by is not None and each.day > one.needed_by


def _cost(one: Party, each: Bin) -> int:
    apart = (each.day - one.day).days
    return _A_DAY * abs(apart) + _ANOTHER_BAND * (each.band != one.band) + _EARLIER * (apart < 0)
