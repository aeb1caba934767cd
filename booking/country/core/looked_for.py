"""Whom a search by national number was about, as a keyed hash in its audit entry: "who looked for this person?"."""

from booking.country.core.core import Core

KEY = "looked_for"
"""The name of the hash among the details of an entry."""

_ABOUT = "looked for in a search"


def looked_for(core: Core, number: str) -> str:
    """Return the hash of a normalised national number, in hexadecimal; it equals no other hash that is kept."""
    return ever_looked_for(core, number)[-1]


def ever_looked_for(core: Core, number: str) -> list[str]:
    """Return the hashes that stand in entries of any time, the present one last: what is in the log never changes."""
    return [one.hex() for one in core.vault.lookup_hashes(number, _ABOUT)]
