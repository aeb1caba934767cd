"""What takes a notice to a person, and how it says that it did not. A national SMS gateway is one of these."""

from dataclasses import dataclass
from typing import Protocol

from booking.platform.base.message_states import TryOutcome


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it leaves; ``subject`` is "" where a channel has none."""

    subject: str
    text: str


class CarrierError(Exception):
    """A notice was not taken; ``outcome`` says whether trying again can help. It never says who it was for."""

    def __init__(self, outcome: TryOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Carrier(Protocol):
    """Takes a notice to an address."""

    def send(self, address: str, letter: Letter, key: str) -> None:
        """Send a notice; raises CarrierError where it was not taken.

        The ``key`` is the same whenever this notice is sent, for gateways that leave out what they have.
        """
