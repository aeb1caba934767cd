"""A quota policy as a table: which values hold for an office on a weekday, and how its places split. Pure.

A row belongs to a kind of office, to a region or to one office, and there to every day or to one weekday. The nearest
row holds, whole: an office's before its region's before its kind's, and at each level a weekday's before that of every
day. Rows are never mixed, so the shares of a row that adds to 1 always add to 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Self

from typing_extensions import override

from booking.country.packs.shares import split_places
from booking.platform.models.base import Json
from booking.platform.models.states import Pool

ORDER: Final = (Pool.DRAW, Pool.URGENT, Pool.INSTANT, Pool.WALK_IN, Pool.ACCESSIBLE)
"""In which pools are listed; among equal fractions the first gets the place that is left over."""
DRAWN_POOLS: Final = (Pool.DRAW, Pool.ACCESSIBLE)
"""Pools whose places a draw gives."""
WEEKDAYS: Final = range(7)


class Level(StrEnum):
    """Whose row it is; the nearest one to the office holds."""

    KIND = "kind"
    REGION = "region"
    OFFICE = "office"


class Unit(StrEnum):
    """Whether a row's values are shares of an office-day, or places of it."""

    SHARES = "shares"
    PLACES = "places"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a row holds: ``code`` of a kind, region or office; ``weekday`` 0 is Monday, None every day."""

    level: Level
    code: str
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote; raises ValueError."""
        level, code, *weekday = text.split(".")
        if len(weekday) > 1 or (weekday and weekday[0] not in {str(day) for day in WEEKDAYS}):
            raise ValueError(f"no weekday {weekday}")
        return cls(Level(level), code, int(weekday[0]) if weekday else None)

    @override
    def __str__(self) -> str:
        """Write it in one word, for addresses and names of fields."""
        return ".".join([self.level, self.code, *([] if self.weekday is None else [str(self.weekday)])])


@dataclass(frozen=True, slots=True)
class Quota:
    """The values of one row, in the order of `ORDER`.

    Shares add to exactly 1. Of places, the draw's value is 0: the draw takes what is left of the day, and where the
    day is too small for all the others, these share it in proportion.
    """

    unit: Unit
    values: tuple[Decimal, ...]

    def of(self, pool: Pool) -> Decimal:
        """Return one pool's value."""
        return self.values[ORDER.index(pool)]

    def exact(self, capacity: int) -> dict[Pool, Fraction]:
        """Return each pool's exact share of a day of ``capacity`` units; they add to exactly 1."""
        parts = [Fraction(value) for value in self.values]
        if self.unit is Unit.PLACES:
            parts[0] = max(Fraction(0), capacity - sum(parts[1:], Fraction(0)))
            whole = sum(parts, Fraction(0))
            parts = [part / whole for part in parts] if whole else [Fraction(1), *parts[1:]]
        return dict(zip(ORDER, parts, strict=True))


@dataclass(frozen=True, slots=True)
class OfficeRef:
    """What the table must know of an office."""

    code: str
    region: str
    kind: str


@dataclass(frozen=True)
class QuotaTable:
    """All rows of a policy. There is one for every day for each kind of office."""

    rows: Mapping[Scope, Quota]

    @classmethod
    def read(cls, shares: Json, overrides: Iterable[Mapping[str, Any]]) -> Self:
        """Read what a policy or a draft stores."""
        rows = {Scope(Level.KIND, kind): _read(Unit.SHARES, values) for kind, values in shares.items()}
        for row in overrides:
            scope = Scope(Level(row["level"]), row["code"], row["weekday"])
            rows[scope] = _read(Unit(row["unit"]), row["values"])
        return cls(rows)

    def stored(self) -> tuple[Json, list[Json]]:
        """Return what a policy or a draft stores: the shares of the kinds, and all other rows."""
        shares = {}
        overrides: list[Json] = []
        for scope, quota in sorted(self.rows.items(), key=lambda row: str(row[0])):
            values = {pool.value: str(value) for pool, value in zip(ORDER, quota.values, strict=True)}
            if scope.level is Level.KIND and scope.weekday is None:
                shares[scope.code] = values
            else:
                overrides.append(
                    {"level": scope.level.value, "code": scope.code, "weekday": scope.weekday}
                    | {"unit": quota.unit.value, "values": values}
                )
        return shares, overrides

    def scope_of(self, office: OfficeRef, weekday: int | None) -> Scope:
        """Return the scope whose row holds for an office on a weekday (None: on days without a row of their own).

        Raises
        ------
        KeyError
            The office's kind has no row.
        """
        for scope in lineage(office, weekday):
            if scope in self.rows:
                return scope
        raise KeyError(office.kind)

    def quota_of(self, office: OfficeRef, weekday: int | None) -> Quota:
        """Return the values that hold for an office on a weekday."""
        return self.rows[self.scope_of(office, weekday)]

    def holding(self, scope: Scope, office: OfficeRef) -> Scope:
        """Return the row that holds where ``scope`` does; ``office`` is one that it covers. Raises KeyError."""
        for one in inherited(scope, office):
            if one in self.rows:
                return one
        raise KeyError(office.kind)

    def with_row(self, scope: Scope, quota: Quota | None) -> Self:
        """Return the table with one row set, or (None) taken away."""
        rows = {known: values for known, values in self.rows.items() if known != scope}
        return replace(self, rows=rows if quota is None else rows | {scope: quota})


def lineage(office: OfficeRef, weekday: int | None) -> list[Scope]:
    """Return all rows that may hold for an office on a weekday, the nearest first."""
    places = [(Level.OFFICE, office.code), (Level.REGION, office.region), (Level.KIND, office.kind)]
    days = [None] if weekday is None else [weekday, None]
    return [Scope(level, code, day) for level, code in places for day in days]


def inherited(scope: Scope, office: OfficeRef) -> list[Scope]:
    """Return the rows that may hold where ``scope`` does, itself first; ``office`` is one of those that it covers."""
    levels = list(Level)
    return [one for one in lineage(office, scope.weekday) if levels.index(one.level) <= levels.index(scope.level)]


class Splitter:
    """Splits office-days; equal ones are worked out once. ``block``: units that stay together (`split_places`)."""

    def __init__(self, block: int) -> None:
        self.block = block
        self._known: dict[tuple[Quota, tuple[int, ...]], list[dict[Pool, int]]] = {}

    def split(self, quota: Quota, units: Sequence[int]) -> list[dict[Pool, int]]:
        """Return for each slot of an office-day the places of each pool; they add to the slot's ``units``.

        The day's total of each pool is its exact share by the largest remainder (`booking.country.packs.shares`).
        """
        key = quota, tuple(units)
        if key not in self._known:
            self._known[key] = split_places(quota.exact(sum(units)), units, block=self.block)
        return self._known[key]


def _read(unit: Unit, values: Mapping[str, str]) -> Quota:
    return Quota(unit, tuple(Decimal(values[pool]) for pool in ORDER))
