"""Codes that last for days and are typed from paper or a message: 50 random bits in two groups of five characters."""

import secrets
from typing import Final

from booking.platform.base import fields
from booking.platform.base.references import ALPHABET

LENGTH: Final = 10  # characters of 5 bits
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})


def new_code() -> str:
    """Make a random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """Write a code in its two groups."""
    return f"{code[:5]}-{code[5:]}"


def as_kept(typed: str) -> str:
    """Return what somebody typed as `new_code` writes it: digits of any script, what is easily misread read right."""
    return fields.latin_digits(typed).upper().translate(_MISREAD)
