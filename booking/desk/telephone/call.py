"""A call as a gateway tells of it, and what is answered: for all ways by which a phone can speak."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from booking.country.core.origin import By, Origin

LONGEST_TYPED: Final = 20
"""What somebody types for one step is cut here: the longest that a step reads is a national number."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, as they are told: anybody can forge the number.

    Parameters
    ----------
    by
        The way: `By.USSD`, `By.VOICE` or `By.SMS`.
    session
        The gateway's name for this call; a later call has another one.
    phone
        The caller's number as the gateway writes it; "" where it is withheld.
    """

    by: By
    session: str
    phone: str

    def counted(self, phone: str) -> str:
        """Return as whom a call of ``phone`` (E.164) is counted: who forges one way uses up nothing of another."""
        return f"{phone} by {self.by.value}"

    def origin(self, seconds: float | None = None) -> Origin:
        """Return where what is asked in this call came from: no network and no device."""
        return Origin(network="", device="", seconds=seconds, by=self.by)


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown or said next, and how many digits are then awaited at most; 0: the call ends."""

    text: str
    digits: int
    language: str

    @property
    def ends(self) -> bool:
        """Whether nothing is awaited any more."""
        return self.digits == 0

    def as_dict(self) -> dict[str, str | int]:
        """Return it as plain data."""
        return {"text": self.text, "digits": self.digits, "language": self.language}

    @classmethod
    def of(cls, kept: Mapping[str, str | int]) -> "Screen":
        """Read what `as_dict` returned."""
        return cls(str(kept["text"]), int(kept["digits"]), str(kept["language"]))
