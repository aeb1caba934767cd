"""The free times of an office by day, and the strip of days to choose from: where people book at once or change."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from api.i18n import Words
from booking.country.core.core import Core
from booking.country.places.views import OpenSlot, open_slots
from booking.platform.models import Office
from booking.platform.models.states import Door

DAYS_SHOWN: Final = 14
DAYS_BEFORE: Final = 3
"""Days of the strip, and how many of them are before the chosen one."""


def free_by_day(core: Core, *, door: Door, office: Office, units: int) -> dict[date, list[OpenSlot]]:
    """Return by day the times of an office that have so many free places."""
    by_day: dict[date, list[OpenSlot]] = {}
    with core.sessions() as session:
        now = core.clock.now()
        for slot in open_slots(session, door=door, units=units, now=now, office_code=office.code):
            by_day.setdefault(slot.local_day, []).append(slot)
    return by_day


def chosen_day(by_day: Mapping[date, Sequence[OpenSlot]], typed: str) -> date | None:
    """Return the day that was chosen (ISO), or else the first; None where nothing is free."""
    return next((one for one in by_day if one.isoformat() == typed), next(iter(by_day), None))


def strip(
    words: Words,
    by_day: Mapping[date, Sequence[OpenSlot]],
    chosen: date | None,
    along: Mapping[str, str | Sequence[str]],
) -> list[dict[str, Any]]:
    """Return the days with free times around the chosen one, for `components/days.html`; links take ``along``."""
    days = list(by_day)
    first = max(0, days.index(chosen) - DAYS_BEFORE) if chosen else 0
    return [
        {
            "weekday": words.weekday(day.weekday()),
            "number": words.digits(str(day.day)),
            "month": words.month(day),
            "href": "?" + urlencode({"day": day.isoformat(), **_filled(along)}, doseq=True),
            "free": words.say(words.ngettext("%(n)s time", "%(n)s times", len(by_day[day])), {"n": len(by_day[day])}),
            "chosen": day == chosen,
        }
        for day in days[first : first + DAYS_SHOWN]
    ]


def _filled(along: Mapping[str, str | Sequence[str]]) -> dict[str, str | Sequence[str]]:
    return {name: text for name, text in along.items() if any(text)}
