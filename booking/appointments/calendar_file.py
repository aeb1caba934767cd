"""An appointment as a calendar file (RFC 5545)."""

from datetime import datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event

from booking.base.references import shown
from booking.languages.speech import Speech
from booking.models import Appointment

_ONE_DAY: Final = timedelta(days=1)


def calendar_file(appointment: Appointment, speech: Speech, *, summary: str, stamp: datetime) -> bytes:
    """Write one event, in UTC, with a reminder a day before; ``summary`` is the service's name."""
    office = appointment.office
    event = Event()
    event.add("uid", f"{appointment.reference}@mawid")
    event.add("dtstamp", stamp)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", f"{summary} ({shown(appointment.reference)})")
    event.add("location", f"{speech.name(office)}, {speech.pick(office.address_ar, office.address_en)}")
    event.add("geo", (office.latitude, office.longitude))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", -_ONE_DAY)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Mawid//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
