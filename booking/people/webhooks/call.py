"""One call of a receiver: to an address that was looked at, never further, and over within some seconds."""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Final

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

from booking.people.webhooks.addresses import Target, find, read_url
from booking.people.webhooks.errors import AddressInsideError
from booking.platform.base.errors import FieldError
from booking.platform.base.settings import Settings
from booking.platform.base.whole_answers import HttpPool, HttpsPool
from booking.platform.models.webhook import Answer

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
