"""The reader's own clock beside an office's, where the two show different times."""

from datetime import datetime
from zoneinfo import ZoneInfo

from booking.platform.models import Office


def other_zone(at: datetime, office: Office, own_zone: str) -> str:
    """Return the reader's own zone, "" where their clock shows the same at that instant as the office's."""
    here, there = (at.astimezone(ZoneInfo(zone)).utcoffset() for zone in (own_zone, office.time_zone))
    return "" if here == there else own_zone
