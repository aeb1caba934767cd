"""Which day it is at an office, and what happens there on a day, by the office's own clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from booking.platform.models import Appointment, Office


def local_day(office: Office, instant: datetime) -> date:
    """Return the date that an instant has at an office."""
    return instant.astimezone(ZoneInfo(office.time_zone)).date()


def on_day(office: Office, day: date) -> ColumnElement[bool]:
    """Return the condition that an appointment begins on a local day of its office."""
    zone = ZoneInfo(office.time_zone)
    start, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return (Appointment.office_id == office.id) & (Appointment.starts_at >= start) & (Appointment.starts_at < end)
