"""The code by which the phone of an account stops what was begun without it."""

from typing import Final

from booking.country.core.core import Core
from booking.platform.base import typed_codes

_LONGEST: Final = 40


def new_stop_code(core: Core) -> tuple[str, bytes]:
    """Make a code of 50 random bits; return it as it is shown, and the keyed hash that is kept."""
    code = typed_codes.new_code()
    return typed_codes.shown(code), stop_hash(core, code)


def stop_hash(core: Core, code: str) -> bytes:
    """Return the keyed hash of a code as somebody typed it."""
    return core.vault.lookup_hash(typed_codes.as_kept(code[:_LONGEST]), "stop of a change of phone")
