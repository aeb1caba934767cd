"""Addresses as people type them, brought to the form in which they are stored; and as pages show them."""

import re
from typing import Final

from booking.country.packs.phone import normalise_phone
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import DIRECTION_MARKS, LONGEST_NUMBER, latin_digits, number
from booking.platform.base.message_states import Channel

ADDRESS: Final = "address"
LONGEST_EMAIL: Final = 254
LONGEST_LOCAL: Final = 64
_LOCAL: Final = re.compile(r"[^\s@<>()\[\],;:\"\\]+")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_TELEGRAM: Final = re.compile(r"[1-9][0-9]{4,14}")


def read_new_address(channel: Channel, text: str, region: str) -> str:
    """Read an address of ``channel``; a number without country code is one of ``region`` (ISO 3166).

    Raises
    ------
    FieldError
        On the field ``address``: "missing", "too_long", or why it is not an address ("no_email", "no_telegram", and
        what `booking.country.packs.phone.normalise_phone` says of WhatsApp numbers).
    """
    if channel is Channel.EMAIL:
        return _email(text)
    if channel is Channel.TELEGRAM:
        plain = number(ADDRESS, text).translate(DIRECTION_MARKS).strip()
        if not _TELEGRAM.fullmatch(plain):
            raise FieldError(ADDRESS, "no_telegram")
        return plain
    return normalise_phone(number(ADDRESS, text), region, field=ADDRESS)


def masked(channel: Channel, address: str) -> str:
    """Return enough of an address for its owner to recognise it, and for nobody else to learn it."""
    if channel is Channel.EMAIL:
        local, _, domain = address.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    return f"••• {address[-3:]}"


def _email(text: str) -> str:
    if len(text) > LONGEST_EMAIL + LONGEST_NUMBER:
        raise FieldError(ADDRESS, "too_long")
    plain = latin_digits(text.translate(DIRECTION_MARKS)).strip()
    if not plain:
        raise FieldError(ADDRESS, "missing")
    local, at, domain = plain.rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode()
    except UnicodeError:
        raise FieldError(ADDRESS, "no_email") from None
    whole = f"{local}@{ascii_domain}"
    fits = at and len(local) <= LONGEST_LOCAL and len(whole) <= LONGEST_EMAIL
    if not fits or not plain.isprintable() or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        raise FieldError(ADDRESS, "no_email")
    return whole
