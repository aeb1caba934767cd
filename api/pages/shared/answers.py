"""From the answers of the asking pages to a wish, and small readings of what was typed."""

from datetime import date
from typing import Any, Final

from api.pages.shared.forms import Form
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import day, latin_digits
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import Also, Wish

_BIRTH_PARTS: Final = ("birth_day", "birth_month", "birth_year")


def wish_of(draft: dict[str, Any], door: Door) -> Wish:
    """Build the wish from a draft; what is not answered yet is empty."""
    when, dates = draft.get("when", {}), draft.get("dates", {})
    typed = dates | draft.get("home", {})
    days = {name: date.fromisoformat(typed[name]) if typed.get(name) else None for name in _DAYS}
    return Wish(
        service=draft.get("service", ""),
        people=tuple(draft.get("people", ())),
        offices=tuple(draft.get("offices", ())),
        bands=frozenset(when.get("bands", ())),
        weekdays=frozenset(when.get("weekdays", ())),
        door=door,
        accessible=dates.get("accessible") == "yes",
        together=dates.get("together") == "yes",
        reason=draft.get("reason") or None,
        also=tuple(Also(one["service"], tuple(one["people"]), one["reason"] or None) for one in draft.get("also", ())),
        **days,
    )


_DAYS: Final = ("first_day", "last_day", "needed_by", "home_first", "home_last")


def read_day(field: str, text: str) -> date | None:
    """Read a day as year-month-day (what date pickers send) or day/month/year; None for no answer.

    Raises
    ------
    FieldError
        "too_long"; "missing": only dots and strokes; "unreadable": no such day; "other_years" (first, last: years).
    """
    return day(field, text) if text.strip() else None


def read_whole(field: str, text: str) -> int:
    """Read a whole number of at most three digits, whichever they are; raises FieldError ("missing")."""
    found = only_digits(latin_digits(text.strip()))
    if not found:
        raise FieldError(field, "missing")
    return int(found)


def only_digits(text: str, most: int = 3) -> str:
    """Return a text that is a whole number of at most so many Latin digits; "" for any other."""
    return text if text.isascii() and text.isdecimal() and len(text) <= most else ""


def birth_date_of(form: Form) -> str:
    """Put the three boxes together; "" where all are empty, so that the core says that the date is missing."""
    parts = [form.text(name).strip() for name in _BIRTH_PARTS]
    return "/".join(parts) if any(parts) else ""


def residence_of(door: Door) -> str:
    """Return the people of a door as documents and fees name them."""
    return "resident" if door is Door.HOME else "expatriate"
