"""Where an action came from, as far as a server can tell: network, device, and how long the form was open."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from uuid import UUID

from booking.platform.base.vault import Vault

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
