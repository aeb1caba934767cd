"""Write a notice out in its reader's language."""

from booking.models.base import Json
from booking.notices.templates import templates
from booking.references import shown


def write_short(kind: str, language: str, values: Json, secret: str | None = None) -> str:
    """Write a notice for a phone in ``language`` ("ar" or "en"); KeyError for a kind that does not exist."""
    shown_values = {name: shown(value) if name == "reference" else value for name, value in values.items()}
    return templates()[kind].sms[language].format(**shown_values, secret=secret or "")
