"""Put a proposal for overbooking into a draft of the quota policy, where people look at it before anything changes."""

from decimal import ROUND_DOWN, Decimal
from typing import Final
from uuid import UUID

import pandas as pd

from booking.country.core.core import Core
from booking.country.packs.schema import Pack
from booking.country.policy.limits import active_policy
from booking.country.policy.limits import lent as lend
from booking.country.policy.quota_table import Level, OfficeRef, QuotaTable, Scope, Unit
from booking.scheduling.quotas.drafts import begin_in

_STEP: Final = Decimal("0.0001")


def begin_draft(core: Core, proposals: pd.DataFrame, *, title: str, by: UUID) -> UUID:
    """Begin a draft in which each office's walk-in pool lends the draw what was proposed; return its id.

    Raises
    ------
    PolicyMissingError
        No quota policy is active.
    booking.platform.base.errors.ForbiddenError
        ``by`` is not an analyst.
    booking.platform.base.errors.InvalidInputError
        The title is missing or too long.
    """
    with core.sessions.begin() as session:
        active = active_policy(session)
        table = lent(QuotaTable.read(active.shares, active.overrides), proposals, core.pack)
        return begin_in(session, core, title=title, by=by, table=table, base=active.version)


def lent(table: QuotaTable, proposals: pd.DataFrame, pack: Pack) -> QuotaTable:
    """Move shares from walk-in to draw, in rows of the offices themselves.

    A share is ``extra / units`` of the office's coming slots, rounded down, and at most what the walk-in pool has. Rows
    that count places instead of shares stay as they are.
    """
    kinds = {office.code: OfficeRef(office.code, office.region, office.kind) for office in pack.offices}
    changed = table
    for office, extra, units in zip(proposals["office"], proposals["extra"], proposals["units"], strict=True):
        share = (Decimal(int(extra)) / Decimal(int(units))).quantize(_STEP, ROUND_DOWN)
        if not share:
            continue
        for weekday in (None, *range(7)):
            scope = table.scope_of(kinds[office], weekday)
            quota = table.rows[scope]
            if scope.weekday == weekday and quota.unit is Unit.SHARES:
                changed = changed.with_row(Scope(Level.OFFICE, office, weekday), lend(quota, share))
    return changed
