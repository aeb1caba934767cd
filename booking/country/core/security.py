"""When security events are written: at once for what is tried, with the commit for what the audit log has too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import MawidError
from booking.platform.base.security_events import ACTIONS, REFUSALS, Outcome, emit
from booking.platform.base.vault import Vault
from booking.platform.models import AuditEntry

_PREFIX_LENGTH: Final = {4: 24, 6: 56}
_LONGEST: Final = 64
_ABOUT_DEVICE: Final = "device"
_ABOUT_NETWORK: Final = "network"


class By(StrEnum):
    """The way by which somebody acts: pages, a program, or a phone with keys."""

    PAGES = "pages"
    PROGRAM = "program"
    USSD = "ussd"
    VOICE = "voice"
    SMS = "sms"

    @property
    def is_telephone(self) -> bool:
        """Whether it is a phone with keys, of which neither network nor device is known."""
        return self in {By.USSD, By.VOICE, By.SMS}


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a client.

    Parameters
    ----------
    network
        The client's address as the server saw it; "" where there is none.
    device
        The random value that this browser was given in a cookie; "" when it brought none.
    seconds
        How long the form was open before it was sent; None when unknown.
    helper
        The account of the registered helper at whose device a person was helped. The device says nothing of the
        person then, and counts neither for nor against them.
    known
        The value that this browser holds since somebody signed in there (`booking.people.accounts.known_devices`); ""
        without.
    by
        The way by which somebody acts.
    """

    network: str
    device: str
    seconds: float | None = None
    helper: UUID | None = None
    known: str = ""
    by: By = By.PAGES

    @property
    def prefix(self) -> str:
        """The network that the address belongs to: its /24 (IPv4) or /56 (IPv6), which one subscriber shares.

        An IPv4 address written as IPv6 is read as IPv4. What is not an address (a local socket) stands for itself.
        """
        return _prefix(self.network)

    def subjects(self, **others: str) -> dict[str, str]:
        """Return the subjects of an attempt: network, device and ``others``; unknown ones are left out.

        A device without a cookie must not share one budget with all other such devices.
        """
        known = {"network": self.prefix, "device": self.device[:_LONGEST], **others}
        return {subject: value for subject, value in known.items() if value}

    def visitor(self, account: str) -> str:
        """Name who tries to be ``account`` from this network: other networks use up nothing of theirs."""
        return f"{account} from {self.prefix}"

    def device_hash(self, vault: Vault) -> bytes:
        """Return the keyed hash of the device (32 bytes), or b"" where it is unknown or a helper's: it equals none."""
        known = self.device and self.helper is None
        return vault.lookup_hash(self.device[:_LONGEST], _ABOUT_DEVICE) if known else b""

    def network_hash(self, vault: Vault) -> bytes:
        """Return the keyed hash of the network prefix (32 bytes), or b"" where it is unknown."""
        return vault.lookup_hash(self.prefix, _ABOUT_NETWORK) if self.network else b""


@lru_cache(maxsize=10_000)
def _prefix(network: str) -> str:
    """Return the network of an address, which is asked for several times a call; reading one takes long."""
    address = _read(network)
    if address is None:
        return network[:_LONGEST]
    return str(ip_network((address, _PREFIX_LENGTH[address.version]), strict=False))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def report(
    core: Core,
    action: str,
    outcome: Outcome,
    *,
    origin: Origin | None = None,
    account_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Write an event about something that was just tried."""
    emit(
        action,
        outcome,
        at=core.clock.now(),
        account_id=account_id,
        network=origin.network_hash(core.vault) if origin else b"",
        device=origin.device_hash(core.vault) if origin else b"",
        reason=reason,
        request_id=_request_id(),
    )


@contextmanager
def reported(core: Core, action: str, origin: Origin | None, *, account_id: UUID | None = None) -> Iterator[None]:
    """Write an event about what happens inside: a success, or the code of what it was refused with."""
    try:
        yield
    except MawidError as error:
        report(core, action, Outcome.FAILURE, origin=origin, account_id=account_id, reason=error.code)
        raise
    report(core, action, Outcome.SUCCESS, origin=origin, account_id=account_id)


def report_with(session: Session, entry: AuditEntry) -> None:
    """Write the event of an audit entry once the entry is committed; nothing where it is taken back before."""
    if entry.action not in ACTIONS:
        return
    at, action, account_id, subject = entry.at, entry.action, entry.account_id, entry.subject

    def committed(_session: Session) -> None:
        if inspect(entry).persistent:
            _emit_entry(at, action, account_id, subject)

    event.listen(session, "after_commit", committed, once=True)


def _emit_entry(at: datetime, action: str, account_id: UUID | None, subject: str) -> None:
    try:
        target = UUID(subject)
    except ValueError:
        target = None
    outcome = Outcome.FAILURE if action in REFUSALS else Outcome.SUCCESS
    emit(action, outcome, at=at, account_id=account_id, target_id=target, request_id=_request_id())


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
