"""Short references that people read aloud: Crockford's base 32 with a check character.

Source: D. Crockford, Base32 (2002). No I, L, O, U; what is misread (I, L as 1; O as 0) is read back right. Nor Z, which
leaves a prime number of characters: so the check character (modulo 31 over the digits, weighted by position) catches
every single wrong character and every swap of neighbours.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from booking.platform.base.errors import FieldError

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXY"
_DIGITS: Final = 8
REFERENCES: Final = len(ALPHABET) ** _DIGITS
"""How many there are."""
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": "", "\u200f": "", "\u200e": ""})


def with_check(body: str) -> str:
    """Add the check character to eight characters of a reference."""
    return body + _check(body)


def _check(body: str) -> str:
    return ALPHABET[sum((place + 1) * ALPHABET.index(digit) for place, digit in enumerate(body)) % len(ALPHABET)]


def new_reference() -> str:
    """Make a random reference, stored without its dashes (9 characters, 39 random bits)."""
    return reference_of(secrets.randbelow(REFERENCES))


def reference_of(number: int) -> str:
    """Write a number below `REFERENCES` as a reference; another number is another one."""
    digits = []
    for _ in range(_DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return with_check("".join(digits))


def shown(reference: str) -> str:
    """Write a reference in groups of three: ``7K2-M9D-4QX``."""
    return "-".join(reference[start : start + 3] for start in range(0, len(reference), 3))


def read_reference(text: str) -> str:
    """Read a typed reference back to its stored form.

    Raises
    ------
    FieldError
        Wrong length, a character that no reference has, or a wrong check character.
    """
    typed = text.strip().upper().translate(_MISREAD)
    wrong = len(typed) != _DIGITS + 1 or any(character not in ALPHABET for character in typed)
    if wrong or _check(typed[:-1]) != typed[-1]:
        raise FieldError("reference", "reference_misread")
    return typed


_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*")


def encoded(content: bytes) -> str:
    """Write bytes in base64url without padding."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Read base64url without padding; raises ValueError, also where the same bytes are written in another way."""
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if not _TEXT.fullmatch(text) or encoded(content) != text:
        raise ValueError("no base64url, or not as it is written")
    return content
