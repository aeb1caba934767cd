"""What an office is like today, for whoever thinks of going there: open or not, who waits, and when it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from booking.country.catalogue.local_days import local_day, on_day
from booking.country.core.core import Core
from booking.country.packs.fields import WEEKDAYS
from booking.platform.models import Appointment, Closure, Holiday, Office, WalkIn
from booking.platform.models.states import AppointmentState, ClosureState, WalkInState

_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on which an office serves nobody; ``name`` where it is a holiday, by language, else empty."""

    day: date
    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class OfficeToday:
    """``closes_at`` where the office is open now; ``waiting`` counts parties in the hall, with and without a ticket."""

    closes_at: datetime | None
    waiting: int
    closed_days: Sequence[ClosedDay]


def office_today(core: Core, office: Office) -> OfficeToday:
    """Read an office's day: two counts, and the days of the coming month on which it is closed."""
    now = core.clock.now()
    today = local_day(office, now)
    with core.sessions() as session:
        checked_in = session.scalar(
            select(func.count())
            .select_from(Appointment)
            .where(on_day(office, today), Appointment.state == AppointmentState.CHECKED_IN)
        )
        tickets = session.scalar(
            select(func.count())
            .select_from(WalkIn)
            .where(WalkIn.office_id == office.id, WalkIn.local_day == today, WalkIn.state == WalkInState.WAITING)
        )
        holidays = session.scalars(
            select(Holiday)
            .where(
                Holiday.day.between(today, today + _AHEAD),
                Holiday.office_id.is_(None) | (Holiday.office_id == office.id),
            )
            .order_by(Holiday.day)
        ).all()
        closures = session.scalars(
            select(Closure.local_day).where(
                Closure.office_id == office.id,
                Closure.local_day.between(today, today + _AHEAD),
                Closure.state == ClosureState.APPLIED,
                Closure.counters == 0,
            )
        ).all()
    named = {one.day: ClosedDay(one.day, one.name_ar, one.name_en) for one in holidays}
    closed = named | {day: ClosedDay(day, "", "") for day in closures if day not in named}
    return OfficeToday(
        closes_at=None if today in closed else _closes_at(office, now.astimezone(ZoneInfo(office.time_zone))),
        waiting=(checked_in or 0) + (tickets or 0),
        closed_days=[closed[day] for day in sorted(closed)],
    )


def _closes_at(office: Office, local: datetime) -> datetime | None:
    """Return when the office closes whose rules have it open now; None where it is not."""
    for rule in office.opening:
        opens, closes = (time.fromisoformat(rule[edge]) for edge in ("opens", "closes"))
        if WEEKDAYS[local.weekday()] in rule["weekdays"] and opens <= local.time() < closes:
            return local.replace(hour=closes.hour, minute=closes.minute, second=0, microsecond=0)
    return None
