"""What the civil and passport registers know of a person. Real deployments plug in theirs; this one is synthetic."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """A person in the registers; ``passport_valid_until`` is None for someone who never had a passport."""

    passport_valid_until: date | None
    application_pending: bool


class Registry(Protocol):
    """The door to the national registers."""

    def lookup(self, national_number: str) -> RegistryRecord | None:
        """Find a person by normalised national number; None when the registers do not know the number."""


class SyntheticRegistry:
    """A register that makes its answers from the number itself, so that every start knows the same people.

    Of a hundred numbers 30 never had a passport, 50 hold one that ends within the half year around ``today``,
    19 hold one that is valid for long, 1 has an application pending. Numbers that begin with 99 are unknown.
    """

    def __init__(self, today: date) -> None:
        self._today = today

    def lookup(self, national_number: str) -> RegistryRecord | None:
        """Find a person; see the class for who is known."""
        if national_number.startswith("99"):
            return None
        digest = sha256(b"synthetic register" + national_number.encode()).digest()
        kind, spread = digest[0] * 100 // 256, int.from_bytes(digest[1:3], "big")
        if kind < 30:  # noqa: PLR2004 - the shares that the docstring gives
            return RegistryRecord(None, application_pending=False)
        if kind < 80:  # noqa: PLR2004
            return RegistryRecord(self._today + timedelta(days=spread % 180 - 120), application_pending=False)
        valid_until = self._today + timedelta(days=400 + spread % 1500)
        return RegistryRecord(valid_until, application_pending=kind >= 99)  # noqa: PLR2004
