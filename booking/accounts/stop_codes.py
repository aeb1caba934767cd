"""The code by which the phone of an account stops what was begun without it."""

import secrets
from typing import Final

from booking.base import fields
from booking.base.references import ALPHABET
from booking.core.core import Core

_LENGTH: Final = 10
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
_LONGEST: Final = 40


def new_stop_code(core: Core) -> tuple[str, bytes]:
    """Make a code of 50 random bits; return it as it is shown, and the keyed hash that is kept."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return f"{code[:5]}-{code[5:]}", stop_hash(core, code)


def stop_hash(core: Core, code: str) -> bytes:
    """Return the keyed hash of a code as somebody typed it."""
    plain = fields.latin_digits(code[:_LONGEST]).upper().translate(_MISREAD)
    return core.vault.lookup_hash(plain, "stop of a change of phone")
