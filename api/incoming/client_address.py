"""Who is at the other end: the client's address, as far as trusted proxies pass it on."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import Request

MOST_HOPS: Final = 16
"""Proxies in a row that are believed; a longer list was written by someone who wants the server to read it."""

_LONGEST: Final = 64
_OTHERS: Final = ("forwarded", "x-real-ip")
"""In which a proxy may pass an address on as well; they are not read."""


def client_address(request: Request, trusted: tuple[IPv4Network | IPv6Network, ...]) -> str:
    """Return the client's address; see `passed_on`."""
    return passed_on(request, trusted)[0]


def passed_on(request: Request, trusted: tuple[IPv4Network | IPv6Network, ...]) -> tuple[str, bool]:
    """Find the client's address: the nearest one that is not a trusted proxy; "" where there is none.

    ``X-Forwarded-For`` is read from the right, as each proxy appends the address that it saw; whatever stands left
    of the first untrusted address was written by the client and may be anything. What a trusted proxy passed on that
    is not an address counts as the proxy's own, or each made-up word would be a network with a fresh budget.

    Returns
    -------
    tuple
        The address, and whether more was passed on than is believed: by a proxy that nobody named, or made up.
    """
    found = request.client.host if request.client else ""
    address = _read(found)
    hops = [hop for value in request.headers.getlist("x-forwarded-for") for hop in value.rsplit(",", MOST_HOPS)]
    believed = hops[-MOST_HOPS:]
    while believed:
        if address is None or not any(address in network for network in trusted):
            break
        address = _read(_without_port(believed.pop().strip()))
        if address is None:
            break
        found = str(address)
    unread = bool(believed) or (not hops and any(name in request.headers for name in _OTHERS))
    return found[:_LONGEST], unread


def is_trusted(request: Request, trusted: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Return whether a request comes from a trusted proxy."""
    address = _read(request.client.host) if request.client else None
    return address is not None and any(address in network for network in trusted)


@lru_cache(maxsize=10_000)
def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; an IPv4 address written as IPv6, as a socket for both gives it, is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _without_port(hop: str) -> str:
    """Take the port off ``192.0.2.1:80`` and ``[2001:db8::1]:80``, which some proxies write."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    host, _, port = hop.rpartition(":")
    return host if host and ":" not in host and port.isdecimal() else hop
