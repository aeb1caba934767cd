"""Days and times in text messages: short, and the same on every phone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from booking.platform.languages.speech import Speech


def moment(at: datetime, zone: str, speech: Speech) -> str:
    """Write an instant as it is in ``zone``: ``Sun 8/11 9:00``, day before month as in all our languages."""
    local = at.astimezone(ZoneInfo(zone))
    text = f"{speech.short_weekday(local.weekday())} {local.day}/{local.month} {local.hour}:{local.minute:02d}"
    return speech.digits(text)
