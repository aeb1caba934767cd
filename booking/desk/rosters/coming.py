"""What the forecast says of an office's coming weeks, against its last ones."""

from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import Office, Roster
from booking.scheduling.forecast import kept

LATELY: Final = 8
"""Weeks that are the measure."""
LEAST, MOST = 0.5, 2.0
"""A roster follows the forecast within these bounds alone."""


def forecast_by_week(core: Core, session: Session, roster: Roster) -> Mapping[date, float]:
    """Return by week how many times as much as lately is expected at the office; empty where nothing is forecast."""
    office = session.get_one(Office, roster.office_id)
    known = kept.read(core, kept.OWN)
    if known is None or known.weeks is None or known.history is None:
        return {}
    coming = known.weeks[known.weeks["office"] == office.code].groupby("week")["mean"].sum()
    lately = known.history[known.history["office"] == office.code].groupby("week")["requests"].sum().tail(LATELY)
    usual = float(lately.mean()) if len(lately) else 0.0
    if usual <= 0:
        return {}
    means = coming.to_dict().items()
    return {cast("date", week): min(max(float(mean) / usual, LEAST), MOST) for week, mean in means}
