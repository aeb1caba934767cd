"""A provider for demonstrations: no money moves. It keeps a ledger in Redis and reports payments as real ones do.

Settings refuse it in production.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import redis
import requests

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.people.payments.provider import (
    SANDBOX,
    Checkout,
    ForgedEventError,
    Order,
    ProviderEvent,
    ProviderUnavailableError,
)
from booking.platform.base.errors import NotFoundError
from booking.platform.base.webhooks import UnsignedWebhookError, WrongSignatureError, check, signed_headers
from booking.platform.models.online.payment import EventKind

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
