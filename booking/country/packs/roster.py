"""What a country pack says of rosters: kinds of shifts, skills, and the law of labour."""

from typing import Final, Self

from pydantic import Field, model_validator

from booking.country.packs.fields import ClockTime, Code, Spec, Words, minute_of

SUPERVISE: Final = "supervise"
"""The skill that supervisors have by their role."""


class ShiftSpec(Spec):
    """A kind of shift in the office's local time; in its pause, which is not paid, its people are at no counter."""

    code: Code
    starts: ClockTime
    ends: ClockTime
    pause_from: ClockTime | None = None
    pause_until: ClockTime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts >= self.ends:
            raise ValueError(f"shift {self.code} does not end after it starts")
        if (self.pause_from is None) != (self.pause_until is None):
            raise ValueError(f"shift {self.code} needs both ends of its pause, or none")
        if self.pause_from and self.pause_until and not self.starts < self.pause_from < self.pause_until < self.ends:
            raise ValueError(f"the pause of shift {self.code} does not lie within it")
        return self

    def at_counters(self, before: int = 24 * 60) -> list[tuple[int, int]]:
        """Return from and until which minutes of the day its people are at counters, up to a minute of the day."""
        ends = [minute_of(one) for one in (self.pause_from, self.pause_until) if one is not None]
        starts = [minute_of(self.starts), *ends[1:]]
        whole = zip(starts, [*ends[:1], minute_of(self.ends)], strict=True)
        return [(first, min(until, before)) for first, until in whole if first < before]

    def is_at_counter(self, first: int, until: int) -> bool:
        """Return whether its people are at counters all the time between two minutes of the day."""
        return any(from_ <= first and until <= to for from_, to in self.at_counters())

    def minutes_until(self, following: "ShiftSpec") -> int:
        """Return the minutes from the end of this shift to the start of another one on the next day."""
        return 24 * 60 - minute_of(self.ends) + minute_of(following.starts)

    @property
    def paid_minutes(self) -> int:
        """Return the minutes from start to end without the pause."""
        pause = 0
        if self.pause_from and self.pause_until:
            pause = minute_of(self.pause_until) - minute_of(self.pause_from)
        return minute_of(self.ends) - minute_of(self.starts) - pause


class SkillSpec(Spec):
    """Something that ``least`` of those at counters can do whenever the office is open."""

    code: Code
    name: Words
    least: int = Field(ge=0, le=50)


class RosterSpec(Spec):
    """The law of labour and the contracts: minutes a week, rest between shifts, days in a row, days off a week.

    ``overtime`` is how many people an hour beyond the contract has to serve to be planned.
    """

    week_minutes: int = Field(default=35 * 60, ge=60, le=7 * 24 * 60)
    most_week_minutes: int = Field(default=40 * 60, ge=60, le=7 * 24 * 60)
    rest_minutes: int = Field(default=11 * 60, ge=0, le=24 * 60)
    days_in_a_row: int = Field(default=6, ge=1, le=14)
    days_off: int = Field(default=1, ge=0, le=6)
    overtime: float = Field(default=2.0, ge=0, le=1000)
    shifts: tuple[ShiftSpec, ...] = Field(strict=False, default=())
    skills: tuple[SkillSpec, ...] = Field(strict=False, default=())

    @model_validator(mode="after")
    def _codes_differ(self) -> Self:
        for what in (self.shifts, self.skills):
            if len({one.code for one in what}) < len(what):
                raise ValueError("two shifts or two skills have the same code")
        if self.week_minutes > self.most_week_minutes:
            raise ValueError("week_minutes is more than most_week_minutes")
        return self

    def shift(self, code: str) -> ShiftSpec | None:
        """Return the kind of shift with a code; None where the pack has it no more."""
        return next((one for one in self.shifts if one.code == code), None)
