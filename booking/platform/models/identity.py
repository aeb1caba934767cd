"""How sure it is that an account may act for a person, and by what that was shown."""

from enum import StrEnum
from typing import Final


class IdentityLevel(StrEnum):
    """How sure it is that an account may act for a person; from the least to the most."""

    CLAIMED = "claimed"
    """Somebody typed number, name and birth date."""
    MATCHED = "matched"
    """The register says that these are one living person."""
    PROVEN = "proven"
    """Somebody showed what only that person has (`booking.country.core.register.ProofKind`)."""
    SEEN = "seen"
    """An officer compared face and document."""

    @property
    def rank(self) -> int:
        """Return 0 for the least level, and one more for each better one."""
        return _RANKS[self]

    def reaches(self, needed: "IdentityLevel") -> bool:
        """Return whether it is at least ``needed``."""
        return _RANKS[self] >= _RANKS[needed]


_RANKS: Final = {level: rank for rank, level in enumerate(IdentityLevel)}


class ProofKind(StrEnum):
    """By what somebody showed that a number is theirs to act for."""

    CARD = "card"
    """The serial of the identity card that is valid now."""
    PASSPORT = "passport"
    """The serial of the passport that was issued last."""
    PHONE = "phone"
    """A code that the register sent to the phone it has of this person."""
    GUARDIAN = "guardian"
    """The register knows another person, who is proven, as a parent or guardian of this minor."""
    PROVIDER = "provider"
    """A sign-in at the state's OpenID Connect provider for citizens."""
    OFFICER = "officer"
    """An officer compared face and document at a counter or consulate."""
