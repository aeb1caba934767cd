"""Days and times in text messages: short, and the same on every phone."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_WEEKDAYS: Final = {
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def moment(at: datetime, zone: str, language: str, *, arabic_digits: bool = False) -> str:
    """Write an instant as it is in ``zone``: ``Sun 8/11 9:00``, day before month as in both our languages."""
    local = at.astimezone(ZoneInfo(zone))
    text = f"{_WEEKDAYS[language][local.weekday()]} {local.day}/{local.month} {local.hour}:{local.minute:02d}"
    return text.translate(_ARABIC_DIGITS) if arabic_digits and language == "ar" else text
