"""What is wrong with a field, in words: the core names a stable reason, this says it."""

from collections.abc import Mapping
from typing import Final

from api.i18n import Words


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "a message id, translated later"
    """Mark a sentence for the catalogue."""
    return sentence


SENTENCES: Final[Mapping[str, str]] = {
    "missing": N_("This answer is missing."),
    "too_short": N_("This is too short."),
    "too_long": N_("This is too long."),
    "characters": N_("“%(character)s” cannot be used here; type digits only."),
    "length": N_("The number must have %(expected)s digits; this one has %(got)s."),
    "unreadable": N_("We could not read this. Check how it is written."),
    "invalid": N_("This does not exist. Check each digit."),
    "landline": N_("This is a landline. We need a mobile number that receives messages."),
    "reference_misread": N_("This reference is mistyped. Compare it letter by letter."),
}
"""A sentence for each reason of `booking.errors.FieldError`."""

FOR_FIELD: Final[Mapping[tuple[str, str], str]] = {
    ("national_number", "missing"): N_("Type the national number."),
    ("phone", "missing"): N_("Type the mobile number."),
    ("phone", "unreadable"): N_("This is not a phone number. Example: 0933 123 456, or +49 151 23456789."),
    ("phone", "invalid"): N_("There is no such phone number. Check each digit, and the country code if it is abroad."),
}
"""Better sentences where the field is known."""

UNKNOWN: Final = N_("This answer cannot be used.")


def field_sentence(field: str, reason: str, values: Mapping[str, str | int], words: Words) -> str:
    """Say what is wrong with a field, in one sentence."""
    sentence = FOR_FIELD.get((field, reason)) or SENTENCES.get(reason, UNKNOWN)
    return words.say(sentence, values)
