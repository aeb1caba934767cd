"""Which requests could be served inside a draw's days, in SQL."""

from datetime import date
from typing import Any

from sqlalchemy import func, or_

from booking.platform.models import Draw, Request


def last_possible() -> Any:
    """Return the last day on which a request can be served; NULL without an end."""
    return func.least(Request.last_day, Request.needed_by)  # ignores NULL: an open end is never the least


def meets_horizon(draw: Draw) -> tuple[Any, ...]:
    """Return the conditions of requests whose days meet those of a draw."""
    return meets_days(draw.horizon_first, draw.horizon_last)


def meets_days(first: date, last: date) -> tuple[Any, ...]:
    """Return the conditions of requests that could be served from one day to another."""
    possible = last_possible()
    return Request.first_day <= last, or_(possible.is_(None), possible >= first)
