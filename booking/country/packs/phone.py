"""Phone numbers as people type them, to E.164."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from booking.platform.base import fields
from booking.platform.base.errors import FieldError


def normalise_phone(text: str, region: str, *, field: str = "phone") -> str:
    """Bring a phone number to E.164 ("+963933123456").

    Arabic-Indic and Persian digits, spaces and dashes are accepted. A number without a country code is read as one
    of ``region``; "00" before a country code works where people of ``region`` dial it.

    Parameters
    ----------
    text
        What was typed.
    region
        The country (ISO 3166) of numbers without a country code.
    field
        The input's name, for the error.

    Raises
    ------
    FieldError
        ``reason`` is "unreadable" (not a phone number), "invalid" (no such number can exist) or "landline"
        (it cannot receive a code by SMS).
    """
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise FieldError(field, "unreadable") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise FieldError(field, "invalid")
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        raise FieldError(field, "landline")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def read_sender(told: str, region: str) -> str | None:
    """Return the number from which somebody calls or writes, in E.164, as a gateway tells it; None for what is none."""
    try:
        return normalise_phone(fields.number("from", told), region, field="from")
    except FieldError:
        return None
