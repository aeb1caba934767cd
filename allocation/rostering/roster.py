"""A roster: who has which shift on which day, what it comes to, and whether it keeps the law."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from allocation.rostering.weeks import A_DAY, WEEK, Flags, Real, Weeks, Whole

FREE: Final = -1


@dataclass(frozen=True, eq=False)
class Roster:
    """``shift`` (staff × days): the row of a shift, or `FREE`.

    ``value`` is what the solver maximises and ``bound`` what no roster can exceed, in people.
    """

    shift: Whole
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Return by which share of the bound the roster may be below the best one."""
        return 0.0 if self.bound <= 0 else max(0.0, (self.bound - self.value) / self.bound)


def covered(weeks: Weeks, shift: Whole) -> Whole:
    """Return (days × blocks) how many are at counters."""
    there = given(weeks, shift)
    cover: Whole = np.einsum("sdk,kb->db", there.astype(np.int64), weeks.shifts.covers.astype(np.int64))
    return cover


def served(weeks: Weeks, shift: Whole) -> float:
    """Return how many people are expected to be served."""
    most = weeks.gain.shape[2]
    sums = np.concatenate((np.zeros((*weeks.gain.shape[:2], 1)), np.cumsum(weeks.gain, axis=2)), axis=2)
    level = np.minimum(covered(weeks, shift), most)
    return float(np.take_along_axis(sums, level[:, :, None], axis=2).sum())


def minutes(weeks: Weeks, shift: Whole) -> Whole:
    """Return (staff × weeks) the paid minutes."""
    paid = weeks.shifts.paid_or_free[shift]
    sums: Whole = paid.reshape(len(shift), -1, WEEK).sum(axis=2)
    return sums


def missing(weeks: Weeks, shift: Whole) -> Whole:
    """Return (days × blocks × skills) how many of each skill are missing."""
    there = given(weeks, shift).astype(np.int64)
    skilled = np.einsum(
        "sdk,kb,sq->dbq", there, weeks.shifts.covers.astype(np.int64), weeks.staff.skills.astype(np.int64)
    )
    lacking: Whole = np.maximum(weeks.needs - skilled, 0)
    return lacking


def worth(weeks: Weeks, shift: Whole) -> float:
    """Return what the solver maximises: people served, less overtime, missing skills and hours owed but not given."""
    worked = minutes(weeks, shift)
    over = np.maximum(worked - weeks.staff.owed[:, None], 0).sum() / 60
    under = np.maximum(weeks.staff.owed[:, None] - worked, 0).sum() / 60
    lacking = int(missing(weeks, shift).sum())
    return served(weeks, shift) - weeks.overtime * float(over) - LACKING * lacking - OWED * float(under)


LACKING: Final = 20.0
"""People that somebody missing for a block with a skill that it needs is worth."""
OWED: Final = 0.01
"""People that an hour is worth which is owed by contract and not given: a tie-break."""


def broken(weeks: Weeks, shift: Whole) -> list[str]:
    """Return what of the law a roster breaks, in words for a log; empty where it keeps all of it."""
    law, works = weeks.law, shift != FREE
    found = []
    if (works & ~weeks.staff.may).any():
        found.append("somebody on leave works")
    if (minutes(weeks, shift) > weeks.staff.most[:, None]).any():
        found.append("a week is too long")
    if (works.reshape(len(shift), -1, WEEK).sum(axis=2) > WEEK - law.days_off).any():
        found.append("a week has too few days off")
    run = weeks.staff.in_a_row.copy()
    ended = np.where(weeks.staff.ended < 0, -A_DAY, weeks.staff.ended)
    for day in range(weeks.days):
        starts = np.append(weeks.shifts.starts, A_DAY)[shift[:, day]]
        if (works[:, day] & (starts + A_DAY - ended < law.rest_minutes)).any():
            found.append(f"too short a rest before day {day}")
        ended = np.where(works[:, day], np.append(weeks.shifts.ends, 0)[shift[:, day]], -A_DAY)
        run = np.where(works[:, day], run + 1, 0)
        if (run > law.days_in_a_row).any():
            found.append(f"too many days in a row on day {day}")
    if (works[:, -1] & (weeks.staff.begins >= 0) & (weeks.staff.begins + A_DAY - ended < law.rest_minutes)).any():
        found.append("too short a rest after the last day")
    if (works[:, -1] & (run + weeks.staff.follow > law.days_in_a_row)).any():
        found.append("too many days in a row with those that follow")
    return found


def next_counter(weeks: Weeks, shift: Whole) -> Real:
    """Return (days × blocks) how many people one more counter would serve."""
    most = weeks.gain.shape[2]
    level = covered(weeks, shift)
    more = np.take_along_axis(weeks.gain, np.minimum(level, most - 1)[:, :, None], axis=2)[:, :, 0]
    return np.where(level < most, more, 0.0)


def extra_hour(weeks: Weeks, shift: Whole) -> Real:
    """Return (days) how many people one more paid hour would serve, in the best shift of that day."""
    more = next_counter(weeks, shift)
    each = np.einsum("db,kb->dk", more, weeks.shifts.covers.astype(np.float64))
    best: Real = (each / (weeks.shifts.paid / 60)[None]).max(axis=1, initial=0.0)
    return best


def given(weeks: Weeks, shift: Whole) -> Flags:
    """Return (staff × days × shifts) who has which shift."""
    there: Flags = shift[:, :, None] == np.arange(len(weeks.shifts.paid))
    return there


STEP = 20
"""Gains are rounded to so many parts of what a counter can do: equal ones are one step of the solver."""


def with_backlog(demand: Real, capacity: Real) -> Real:
    """Return (draws × days × blocks) who is there in each block: those who come, and who was left from the one before.

    Nobody is left from one day to the next.

    Parameters
    ----------
    capacity
        (days × blocks) people whom all counters together serve.
    """
    there = np.empty_like(demand)
    left = np.zeros(demand.shape[:2])
    for block in range(demand.shape[2]):
        there[:, :, block] = demand[:, :, block] + left
        left = np.maximum(there[:, :, block] - capacity[None, :, block], 0.0)
    return there


def gains(demand: Real, rate: float | Real, counters: int) -> Real:
    """Return (… × counters) the people that the first, second, … counter is expected to serve, never rising.

    Parameters
    ----------
    demand
        (draws × …) people who want to be served in a block, equally likely draws of a forecast.
    rate
        People that a counter serves in a block; or in each of the blocks, the last axis of ``demand``.
    counters
        How many counters there are.
    """
    each = np.asarray(rate, np.float64)[..., None]
    level = each * np.arange(counters + 1)
    within = np.minimum(demand[..., None], level).mean(axis=0)
    more = np.diff(within, axis=-1)
    return np.minimum.accumulate(np.round(more / each * STEP) / STEP * each, axis=-1)
