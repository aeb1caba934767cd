"""The only place that reads the time; everything else is given a clock or an instant."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, always as an aware instant in UTC."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the place the rule points to


class SettableClock:
    """A clock that moves only when told: for tests, and for the demo's booking day.

    Parameters
    ----------
    at
        The first instant, aware; it is kept in UTC.

    Raises
    ------
    ValueError
        ``at`` has no time zone, here and in ``set``.
    """

    def __init__(self, at: datetime) -> None:
        self._now = _in_utc(at)

    def now(self) -> datetime:
        """Return the instant that was set, in UTC."""
        return self._now

    def set(self, at: datetime) -> None:
        """Move to ``at``, forwards or back."""
        self._now = _in_utc(at)

    def advance(self, by: timedelta) -> datetime:
        """Move by ``by`` and return the new instant."""
        self._now += by
        return self._now


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(UTC)
