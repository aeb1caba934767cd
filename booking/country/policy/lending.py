"""Move time of the counters between the walk-in pool and the draw. Pure."""

from decimal import Decimal

from booking.country.policy.quota_table import ORDER, Quota, QuotaTable, Unit
from booking.platform.models.states import Pool

_DRAW, _WALK_IN = ORDER.index(Pool.DRAW), ORDER.index(Pool.WALK_IN)


def lent(quota: Quota, share: Decimal) -> Quota:
    """Move a share of the day from walk-in to the draw, at most what walk-in has; below 0 it goes the other way."""
    values = list(quota.values)
    share = max(min(share, values[_WALK_IN]), -values[_DRAW])
    values[_DRAW] += share
    values[_WALK_IN] -= share
    return Quota(quota.unit, tuple(values))


def everywhere_lent(table: QuotaTable, share: Decimal) -> QuotaTable:
    """Do the same in every row of shares; rows that count places stay as they are."""
    rows = {scope: lent(quota, share) if quota.unit is Unit.SHARES else quota for scope, quota in table.rows.items()}
    return QuotaTable(rows)
