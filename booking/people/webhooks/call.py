"""One call of a receiver: to an address that was looked at, never further, and over within some seconds."""

import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Timeout

from booking.people.webhooks.signing import AddressInsideError
from booking.platform.base.bounded_http import HttpPool, HttpsPool
from booking.platform.base.errors import FieldError
from booking.platform.base.settings import Settings
from booking.platform.models.webhook import Answer

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


CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 10.0
"""From what is sent to the first byte that comes back, and from each to the next; the whole: `whole_answers`."""
LONGEST_ANSWER: Final = 16_384
"""Bytes that are read, so that the connection can be used again; what they say is of no use."""
KEPT_SECONDS: Final = 60.0
"""A connection older than this is made anew: then its name and its certificate are looked at again."""
_TAKEN: Final = range(200, 300)
_GONE: Final = 410
_BUSY: Final = frozenset({429, 502, 503, 504})

Find = Callable[[Target, Settings], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call; ``status`` is None where nothing answered."""

    answer: Answer
    status: int | None = None
    milliseconds: int = 0


class Caller:
    """Calls one receiver, one call at a time, over a connection that is kept.

    The name is looked up and every address of it looked at before each connection, which then goes to that address
    and nowhere else; the certificate must be for the name. No redirect is followed, no proxy of the environment used.

    Parameters
    ----------
    answer_seconds
        How long each part of an answer may take.
    find
        What looks up a name.
    """

    def __init__(
        self, url: str, settings: Settings, *, answer_seconds: float = ANSWER_SECONDS, find: Find = find
    ) -> None:
        self._url, self._settings, self._find = url, settings, find
        self._timeout = Timeout(connect=CONNECT_SECONDS, read=answer_seconds)
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._made = 0.0

    def post(self, body: bytes, headers: Mapping[str, str]) -> Result:
        """Send a body, and return what the receiver made of it."""
        began = time.monotonic()
        answer, status = self._post(body, headers, began)
        if answer not in {Answer.TAKEN, Answer.REFUSED}:
            self.close()
        return Result(answer, status, round((time.monotonic() - began) * 1000))

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _post(self, body: bytes, headers: Mapping[str, str], began: float) -> tuple[Answer, int | None]:
        try:
            if began - self._made > KEPT_SECONDS:
                self.close()
            try:
                status = self._call(body, headers, began)
            except ProtocolError:
                if self._made == began:
                    raise
                self.close()  # it was kept, and the receiver ended it meanwhile: an event may come twice
                status = self._call(body, headers, began)
        except (AddressInsideError, FieldError):
            return Answer.INSIDE, None
        except SSLError as error:
            return _of_tls(error), None
        except NewConnectionError:
            return Answer.UNREACHABLE, None
        except (ReadTimeoutError, ConnectTimeoutError, TimeoutError):
            return Answer.TIMED_OUT, None
        except (HTTPError, OSError, ValueError):
            return Answer.UNREACHABLE, None
        return _answer(status), status

    def _connect(self) -> urllib3.HTTPConnectionPool:
        """Return what connects to the first address of the name; raises AddressInsideError or OSError."""
        target = self._target
        address, *_ = self._find(target, self._settings)
        if not target.secure:
            return HttpPool(address, target.port, timeout=self._timeout, maxsize=1, retries=False)
        return HttpsPool(
            address,
            target.port,
            timeout=self._timeout,
            maxsize=1,
            retries=False,
            ssl_context=self._trust,
            server_hostname=target.host,
            assert_hostname=target.host,
        )

    def _call(self, body: bytes, headers: Mapping[str, str], now: float) -> int:
        """Return the status of the answer; a short body is read to its end, a longer one left with its connection."""
        if self._pool is None:
            self._pool, self._made = self._connect(), now
        response = self._pool.urlopen(
            "POST",
            self._target.path,
            body=body,
            headers={**headers, "Host": self._target.named},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            assert_same_host=False,
        )
        with closing(response):
            try:
                whole = len(response.read(LONGEST_ANSWER + 1)) <= LONGEST_ANSWER
            except (HTTPError, OSError):
                whole = False  # the status alone says whether it was taken
            if whole:
                response.release_conn()
            else:
                self.close()
        return int(response.status)

    @cached_property
    def _target(self) -> Target:
        return read_url(self._url, self._settings)  # again: the settings may have changed since it was subscribed

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.webhook_ca_file is not None:
            context.load_verify_locations(self._settings.webhook_ca_file)
        return context


def _of_tls(error: SSLError) -> Answer:
    return Answer.TIMED_OUT if "timed out" in str(error) else Answer.CERTIFICATE


def _answer(status: int) -> Answer:
    if status in _TAKEN:
        return Answer.TAKEN
    if status == _GONE:
        return Answer.GONE
    return Answer.BUSY if status in _BUSY else Answer.REFUSED
