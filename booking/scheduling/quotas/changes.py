"""What differs between two tables of quotas, row by row, in a form that pages put into words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from booking.country.policy.quota_table import Level, Quota, QuotaTable, Scope


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is new (no ``before``), gone (no ``after``) or has other values."""

    scope: Scope
    before: Quota | None
    after: Quota | None


def row_changes(before: QuotaTable, after: QuotaTable) -> Sequence[RowChange]:
    """List the rows that differ: kinds first, then regions, then offices, and at each every day before weekdays."""
    scopes = sorted({*before.rows, *after.rows}, key=in_order)
    found = [RowChange(scope, before.rows.get(scope), after.rows.get(scope)) for scope in scopes]
    return [change for change in found if change.before != change.after]


def in_order(scope: Scope) -> tuple[int, str, int]:
    """Order rows as pages list them."""
    return list(Level).index(scope.level), scope.code, -1 if scope.weekday is None else scope.weekday
