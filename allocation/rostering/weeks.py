"""The weeks of an office that need a roster, as columns: what counters are worth when, shifts, staff, the law."""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Real: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

WEEK: Final = 7
A_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Law:
    """What the law of labour and the contracts demand of every roster; the country pack states it.

    Parameters
    ----------
    rest_minutes
        Least time between the end of a shift and the beginning of the next.
    days_in_a_row
        Most days of work without a day off.
    days_off
        Least days off in each week.
    """

    rest_minutes: int = 11 * 60
    days_in_a_row: int = 6
    days_off: int = 1


@dataclass(frozen=True, eq=False)
class Shifts:
    """The kinds of shifts, one a row.

    ``covers`` (shifts × blocks): whether somebody of this shift is at a counter; ``starts`` and ``ends`` in minutes of
    the day; ``paid`` in minutes.
    """

    covers: Flags
    starts: Whole
    ends: Whole
    paid: Whole

    @property
    def covers_or_free(self) -> Flags:
        """Return ``covers`` with one more row at the end, which the shift -1 (free) picks."""
        return np.concatenate((self.covers, np.zeros((1, self.covers.shape[1]), np.bool_)))

    @property
    def paid_or_free(self) -> Whole:
        """Return ``paid`` with one more row at the end, which the shift -1 (free) picks."""
        return np.append(self.paid, 0)


@dataclass(frozen=True, eq=False)
class Staff:
    """Those who can work at the office, one a row.

    ``may`` (staff × days): neither on leave nor elsewhere; ``skills`` (staff × skills); ``owed`` minutes a week by
    contract, ``most`` minutes a week with overtime; ``in_a_row`` days worked just before the first day, and
    ``ended`` when the shift of the day before ended, in minutes of that day (-1: there was none); ``follow`` days that
    are to be worked just after the last day, and ``begins`` when the shift of the day after begins, as above.
    """

    may: Flags
    skills: Flags
    owed: Whole
    most: Whole
    in_a_row: Whole
    ended: Whole
    follow: Whole
    begins: Whole


@dataclass(frozen=True, eq=False)
class Weeks:
    """A question for a roster. The days are those of whole weeks, from the first day of a week.

    ``gain`` (days × blocks × counters): how many people more are served by the first, second, … counter in a block;
    never rising along a row, so it stops where the office has no more counters or nobody more comes. ``needs`` (days ×
    blocks × skills): how many of each skill have to be there. ``overtime`` is what an hour beyond the contract has to
    serve to be worth it, in people.

    Raises
    ------
    ValueError
        The columns do not fit each other, days are no whole weeks, more is owed than may be worked, or a row of
        ``gain`` rises or is negative.
    """

    gain: Real
    needs: Whole
    shifts: Shifts
    staff: Staff
    law: Law = Law()
    overtime: float = 1.0

    def __post_init__(self) -> None:
        days, blocks, _ = self.gain.shape
        shifts, skills = len(self.shifts.paid), self.staff.skills.shape[1]
        if days % WEEK:
            raise ValueError(f"{days} days are no whole weeks")
        if self.needs.shape != (days, blocks, skills) or self.shifts.covers.shape != (shifts, blocks):
            raise ValueError("needs or covers do not fit the days, blocks and skills")
        if self.staff.may.shape != (self.people, days):
            raise ValueError("may is not staff × days")
        if (self.staff.owed > self.staff.most).any():
            raise ValueError("somebody is owed more minutes a week than they may work")
        if (np.diff(self.gain, axis=2) > _HAIR).any() or (self.gain < 0).any():
            raise ValueError("a further counter cannot serve more than the one before, nor fewer than nobody")

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return len(self.gain)

    @property
    def people(self) -> int:
        """Return how many staff there are."""
        return len(self.staff.owed)

    def week(self, number: int) -> "Weeks":
        """Return one of the weeks by itself, from 0; what is worked in others beside it is left out."""
        first, last = number == 0, (number + 1) * WEEK == self.days
        days, staff = slice(number * WEEK, (number + 1) * WEEK), self.staff
        nothing, no_shift = np.zeros_like(staff.owed), np.full_like(staff.owed, -1)
        alone = replace(
            staff,
            may=staff.may[:, days],
            in_a_row=staff.in_a_row if first else nothing,
            ended=staff.ended if first else no_shift,
            follow=staff.follow if last else nothing,
            begins=staff.begins if last else no_shift,
        )
        return replace(self, gain=self.gain[days], needs=self.needs[days], staff=alone)

    def useful(self) -> Flags:
        """Return (staff × days × shifts) which shifts can be given: nobody on leave, where they gain something."""
        at_work = (self.gain.max(axis=2) > 0) | (self.needs.max(axis=2, initial=0) > 0)
        counts = (self.shifts.covers[None] & at_work[:, None]).any(axis=2)
        useful: Flags = self.staff.may[:, :, None] & counts[None]
        first = self.shifts.starts + A_DAY - np.where(self.staff.ended < 0, -A_DAY, self.staff.ended)[:, None]
        useful[:, 0] &= first >= self.law.rest_minutes
        after = np.where(self.staff.begins < 0, 2 * A_DAY, self.staff.begins)[:, None] + A_DAY - self.shifts.ends
        useful[:, -1] &= after >= self.law.rest_minutes
        return useful

    def too_close(self) -> list[tuple[int, int]]:
        """Return the pairs of shifts that the same person cannot have on one day and the next."""
        rest = self.shifts.starts[None] + A_DAY - self.shifts.ends[:, None]
        return [(int(a), int(b)) for a, b in zip(*np.nonzero(rest < self.law.rest_minutes), strict=True)]


def segments(gain: Real) -> list[tuple[float, int]]:
    """Return (people, counters): how many counters of a block gain the same, the best first."""
    values, counts = np.unique(gain[gain > 0], return_counts=True)
    return [(float(each), int(width)) for each, width in zip(values[::-1], counts[::-1], strict=True)]


_HAIR: Final = 1e-9
