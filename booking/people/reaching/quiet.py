"""Quiet hours: when only what cannot wait is sent."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one full hour of the day to another, over midnight where the first is later; the same twice: none."""

    begins: int
    ends: int
    zone: str

    def end_after(self, now: datetime) -> datetime | None:
        """Return the instant at which the quiet hours that ``now`` falls into end, or None outside them.

        Local hours are meant: a night in which clocks change is an hour longer or shorter.
        """
        local = now.astimezone(ZoneInfo(self.zone))
        over_midnight = self.begins > self.ends
        if over_midnight:
            inside = local.hour >= self.begins or local.hour < self.ends
        else:
            inside = self.begins <= local.hour < self.ends
        if not inside:
            return None
        day = local.date() + timedelta(days=1 if over_midnight and local.hour >= self.begins else 0)
        return datetime.combine(day, time(self.ends), ZoneInfo(self.zone)).astimezone(now.tzinfo)
