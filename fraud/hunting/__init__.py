"""The hunt: for each kind of attacker the tactics that earn most against a defence, found by search; docs/hunt.md.

``hunt`` searches, ``Defence`` is what it searches against, and ``Record`` lets it go on where it was ended.
"""

from fraud.hunting.levers import Defence
from fraud.hunting.record import OtherHuntError, Record
from fraud.hunting.response import Settings, hunt

__all__ = ["Defence", "OtherHuntError", "Record", "Settings", "hunt"]
