"""What a payment provider is to Mawid. A real one is a package with an entry point ``mawid.payment_providers``.

A provider for demonstrations: no money moves. It keeps a ledger in Redis and reports payments as real ones do.

Settings refuse it in production.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points
from typing import Any, Final, Protocol

import redis
import requests

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.base.webhooks import UnsignedWebhookError, WrongSignatureError, check, signed_headers
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


KEPT: Final = timedelta(days=30)
PATIENCE: Final = 10  # seconds
EVENTS_PATH: Final = "/api/v1/payments/sandbox/events"
PAGE: Final = "/sandbox/payments/"


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment in the sandbox's ledger; ``told`` is how it went, None while it is open."""

    reference: str
    amount: int
    currency: str
    return_to: str
    told: EventKind | None


class Sandbox:
    """See `booking.people.payments.provider.PaymentProvider`."""

    code = SANDBOX

    def __init__(self, core: Core) -> None:
        self._core, self._key = core, core.vault.key("sandbox webhook")

    def begin(self, order: Order) -> Checkout:
        """Open a charge under the order's key."""
        row = json.dumps({"amount": order.amount, "currency": order.currency, "return_to": order.return_to})
        self._redis("set", _charge(order.key), row, nx=True, ex=KEPT)
        return Checkout(order.key, f"{self._core.settings.base_url}{PAGE}{order.key}")

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read what `deliver` sends."""
        try:
            check([self._key], body=body, headers=headers, now=self._core.clock.now())
        except (UnsignedWebhookError, WrongSignatureError) as error:
            raise ForgedEventError(str(error)) from None
        try:
            told: dict[str, Any] = json.loads(body)
            return ProviderEvent(
                event_id=str(told["id"]),
                kind=EventKind(told["kind"]),
                reference=str(told["payment"]),
                amount=int(told["amount"]),
                currency=str(told["currency"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ForgedEventError("signed, but not readable") from error

    def look_up(self, reference: str) -> ProviderEvent | None:
        """Look into the ledger."""
        try:
            charge = self.charge(reference)
        except NotFoundError:
            return None
        return None if charge.told is None else _event(charge, charge.told)

    def refund(self, reference: str, *, amount: int, currency: str) -> None:
        """Note that the money went back."""
        self._redis("set", f"{_charge(reference)}:refund", f"{amount} {currency}", nx=True, ex=KEPT)

    def charge(self, reference: str) -> Charge:
        """Read a charge; raises NotFoundError."""
        row, told = self._redis("get", _charge(reference)), self._redis("get", _told(reference))
        if row is None:
            raise NotFoundError
        return Charge(reference, told=EventKind(told.decode()) if told else None, **json.loads(row))

    def answer(self, reference: str, kind: EventKind) -> Charge:
        """Pay a charge or turn it down, once: the first answer stays. A job reports it to Mawid."""
        self.charge(reference)
        self._redis("set", _told(reference), kind.value, nx=True, ex=KEPT)
        with self._core.sessions.begin() as session:
            enqueue(session, "tell_of_charge", reference=reference)
        return self.charge(reference)

    def signed(self, event: ProviderEvent) -> tuple[bytes, dict[str, str]]:
        """Write an event as it is sent: its bytes, and the headers."""
        body = json.dumps(
            {
                "id": event.event_id,
                "kind": event.kind.value,
                "payment": event.reference,
                "amount": event.amount,
                "currency": event.currency,
            }
        ).encode()
        headers = signed_headers(self._key, message_id=event.event_id, body=body, at=self._core.clock.now())
        return body, headers | {"content-type": "application/json"}

    def _redis(self, command: str, *values: Any, **options: Any) -> Any:
        try:
            return getattr(self._core.redis, command)(*values, **options)
        except (redis.RedisError, OSError) as error:
            raise ProviderUnavailableError from error


def deliver(core: Core, reference: str) -> None:
    """Send what came of a charge to our own address, as any provider would; raises where it was not taken."""
    sandbox = Sandbox(core)
    event = sandbox.look_up(reference)
    if event is not None:
        body, headers = sandbox.signed(event)
        answer = requests.post(core.settings.base_url + EVENTS_PATH, data=body, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()


def _event(charge: Charge, kind: EventKind) -> ProviderEvent:
    return ProviderEvent(f"{charge.reference}-{kind.value}", kind, charge.reference, charge.amount, charge.currency)


def _charge(reference: str) -> str:
    return f"{{mawid}}:sandbox:charge:{reference}"


def _told(reference: str) -> str:
    return f"{_charge(reference)}:told"


GROUP: Final = "mawid.payment_providers"


def provider_of(core: Core) -> PaymentProvider | None:
    """Return the provider that the settings name; None where they name none."""
    name = core.settings.payment_provider
    if name is None:
        return None
    if name == SANDBOX:
        return Sandbox(core)
    made: PaymentProvider = entry_points(group=GROUP)[name].load()(core)
    return made
