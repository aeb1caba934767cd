"""Where events may be sent: an address of https whose name leads outside, whatever it leads to when it is called."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from booking.people.webhooks.errors import AddressInsideError
from booking.platform.base.errors import FieldError
from booking.platform.base.settings import Settings

LONGEST: Final = 500
_PORTS: Final = {"https": 443, "http": 80}
_MAPPING: Final = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64: the last four bytes are where it goes
    (IPv6Network("2002::/16"), 80),  # 6to4: the four bytes behind the prefix
    (IPv6Network("::/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),  # SIIT (RFC 2765)
)
"""Networks of IPv6 whose addresses hold one of IPv4, and how many bits stand behind it."""
_NEVER: Final[tuple[IPv4Network | IPv6Network, ...]] = (
    *map(IPv6Network, ("2001::/32", "64:ff9b:1::/48", "fec0::/10", "5f00::/16", "3fff::/20")),
    *map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")),
)
"""Teredo, NAT64 of a network's own, sites as they were once, SRv6, documentation; IANA's special ones, which hold a
cloud's own services, 6to4 relays, and another cloud's own. Python's list of what is global differs by its version."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver's address, taken apart."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """What stands in the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def read_url(text: str, settings: Settings) -> Target:
    """Take an address apart as it was typed.

    Raises
    ------
    FieldError
        It is missing, too long, not one of https, or holds a user, a fragment or characters that no address has.
    """
    if not text or len(text) > LONGEST:
        raise FieldError("url", "too_long" if text else "missing")
    schemes = ("https", "http") if settings.webhook_plain else ("https",)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host.encode("ascii")
    except ValueError:
        raise FieldError("url", "not_https") from None
    plain = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\^`{|}')
    if not plain or parts.scheme not in schemes or not host or "@" in parts.netloc or "#" in text or port == 0:
        raise FieldError("url", "not_https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or _PORTS[parts.scheme], path)


def find(target: Target, settings: Settings) -> Sequence[str]:
    """Return the addresses that a receiver's name leads to now, all of which may be called.

    One address inside is enough to refuse them all: whoever answers for the name chose to name it.

    Raises
    ------
    AddressInsideError
        One of them is not of the public network, nor of one that the settings allow.
    OSError
        Nobody knows the name.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    texts = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not texts or not all(may_be_called(ip_address(one.partition("%")[0]), settings) for one in texts):
        raise AddressInsideError
    return texts


def may_be_called(address: Address, settings: Settings) -> bool:
    """Return whether an address is of the public network, or of a network inside that the settings allow."""
    if settings.webhook_plain and address.is_loopback:
        return True
    inner = _inner(address)
    if inner is not None:
        return may_be_called(inner, settings)
    if any(_holds(network, address) for network in settings.webhook_networks):
        return True
    return address.is_global and not address.is_multicast and not any(_holds(one, address) for one in _NEVER)


def _inner(address: Address) -> IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 stands for; None where it stands for itself."""
    if isinstance(address, IPv6Address) and not address.is_loopback and not address.is_unspecified:
        for network, behind in _MAPPING:
            if address in network:
                return IPv4Address(int(address) >> behind & 0xFFFFFFFF)
    return None


def _holds(network: IPv4Network | IPv6Network, address: Address) -> bool:
    return network.version == address.version and address in network
