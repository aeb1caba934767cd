"""What a payment provider is to Mawid. A real one is a package with an entry point ``mawid.payment_providers``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from booking.platform.base.errors import MawidError
from booking.platform.models.online.payment import EventKind

SANDBOX: Final = "sandbox"


class ForgedEventError(MawidError):
    """What came is not signed by the provider, was changed on its way, or is too old."""

    code = "forged_event"


class ProviderUnavailableError(MawidError):
    """The provider does not answer; nothing has changed, and trying again is safe."""

    code = "payment_provider_unavailable"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid: whole units of a currency. ``key`` is the same for every try, ``return_to`` an address."""

    key: str
    amount: int
    currency: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the person pays, and the provider's own name for the payment."""

    reference: str
    address: str


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """Something that a provider reports: each has an ``event_id`` of its own, the same however often it comes."""

    event_id: str
    kind: EventKind
    reference: str
    amount: int
    currency: str


class PaymentProvider(Protocol):
    """A provider. Its calls may raise ProviderUnavailableError, and each can be repeated without harm."""

    code: str

    def begin(self, order: Order) -> Checkout:
        """Prepare a payment; the same key is the same payment."""

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read what the provider sent to our address; raises ForgedEventError."""

    def look_up(self, reference: str) -> ProviderEvent | None:
        """Ask how a payment went; None while it is open."""

    def refund(self, reference: str, *, amount: int, currency: str) -> None:
        """Give the money back."""
