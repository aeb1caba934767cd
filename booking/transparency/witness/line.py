"""The witness's line to a log: what it serves, read with bounds, and what a witness brings to it."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

import httpx2

from booking.transparency.witness.errors import WitnessError

MOST_BYTES: Final = 256 * (65_535 + 2)
"""Of the largest answer: a full bundle of the largest entries."""
_SILENCE: Final = 15.0
_WHOLE: Final = 60.0


class LineError(WitnessError):
    """The log does not answer, or not in a way that can be read."""

    code = "witness_line"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes

    @property
    def there(self) -> bool:
        """Whether there was what was asked for, or what was brought is taken."""
        return httpx2.codes.is_success(self.status)


class Line(Protocol):
    """How a log is asked; paths are below its address, as C2SP tlog-tiles has them."""

    def get(self, path: str) -> Answer:
        """Return what is at a path; raises LineError."""

    def post(self, path: str, body: bytes) -> Answer:
        """Bring something; raises LineError."""


class HttpLine:
    """A line over HTTP.

    Parameters
    ----------
    address
        Of the log, such as ``https://mawid.example/log``.
    headers
        To send with everything.
    silence, whole
        Seconds until something of an answer is there, and until all of it is.

    Raises
    ------
    WitnessError
        The address is none, or is not encrypted and not on this computer.
    """

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str] | None = None,
        *,
        silence: float = _SILENCE,
        whole: float = _WHOLE,
    ) -> None:
        self._whole = whole
        try:
            self._client = httpx2.Client(
                base_url=checked_address(address),
                headers={"accept-encoding": "identity", "user-agent": "mawid-witness"} | dict(headers or {}),
                trust_env=False,
                follow_redirects=False,
                timeout=silence,
            )
        except httpx2.InvalidURL:
            raise WitnessError(f"{address} is not the address of a log") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> Answer:
        """Return what is at a path; raises LineError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: bytes) -> Answer:
        """Bring something; raises LineError."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        until = monotonic() + self._whole
        found = bytearray()
        try:
            with self._client.stream(method, f"/{path}", content=body) as answer:
                for part in answer.iter_raw():
                    found += part
                    if len(found) > MOST_BYTES or monotonic() > until:
                        raise LineError(f"{path}: the answer is too long or too slow")
        except (httpx2.HTTPError, OSError) as error:
            raise LineError(f"{path}: no answer ({type(error).__name__})") from None
        return Answer(answer.status_code, bytes(found))


def checked_address(address: str) -> str:
    """Return the address of a log without a slash at its end.

    Raises
    ------
    WitnessError
        It is no address, or plain http to another computer, where everybody on the way could change the answers.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise WitnessError(f"{address} is not the address of a log") from None
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        raise WitnessError(f"{address} is not the address of a log, such as https://mawid.example/log")
    if parts.scheme == "http" and not _is_here(host):
        raise WitnessError(f"{address} is not encrypted: use https")
    return address.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
