"""Calls to a gateway over connections that are kept: sent once, followed nowhere, answers read within bounds."""

from collections.abc import Mapping
from contextlib import closing, suppress
from functools import cached_property
from typing import Any, Final

import requests
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Timeout

from booking.people.reaching.apprise_carrier import ANSWER_SECONDS, CONNECT_SECONDS, outcome_of
from booking.people.reaching.carrier import CarrierError
from booking.platform.base.bounded_http import WholeAnswers
from booking.platform.base.message_states import TryOutcome

LONGEST_ANSWER: Final = 65_536
KEY_HEADER: Final = "Idempotency-Key"
_PATIENCE: Final = Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
_TAKEN: Final = range(200, 300)


class Posting:
    """Keeps as many ``connections`` to a gateway as there are calls at a time: a new one for each takes longest.

    Requests says once which proxy and which certificates are meant. Calls go straight to the connections of urllib3
    below it: what Requests does around a call takes as long again as the call.

    Parameters
    ----------
    like
        A call to this gateway: all others have its method and its host.
    settings
        What `requests.Session.merge_environment_settings` returns: proxies and certificates.
    """

    def __init__(self, like: requests.PreparedRequest, settings: Mapping[str, Any], *, connections: int) -> None:
        self._line = WholeAnswers(pool_connections=1, pool_maxsize=connections)
        self._like, self._settings = like, settings
        self.path = like.path_url

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Make a call to a path with its parameters; raises CarrierError where what it brings was not taken."""
        try:
            status = self._status(path, headers, body)
        except ReadTimeoutError:
            raise CarrierError(TryOutcome.TIMED_OUT) from None
        except (HTTPError, OSError):
            raise CarrierError(TryOutcome.UNREACHABLE) from None
        if status not in _TAKEN:
            raise CarrierError(outcome_of(status))

    def _status(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Return the status; a short answer is read to its end, so that its connection can be used again."""
        answer = self._pool.urlopen(
            str(self._like.method),
            self._before + path,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            timeout=_PATIENCE,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        with closing(answer), suppress(HTTPError, OSError):  # its status alone says whether the notice was taken
            if len(answer.read(LONGEST_ANSWER)) < LONGEST_ANSWER:
                answer.release_conn()
        return answer.status

    @cached_property
    def _pool(self) -> HTTPConnectionPool:
        of_tls = self._settings["verify"], self._settings["cert"]
        pool = self._line.get_connection_with_tls_context(self._like, of_tls[0], self._settings["proxies"], of_tls[1])
        self._line.cert_verify(pool, str(self._like.url), *of_tls)
        return pool

    @cached_property
    def _before(self) -> str:
        """Return what stands before each path: the host, for a proxy that reads what it passes on."""
        return self._line.request_url(self._like, self._settings["proxies"]).removesuffix(self.path)
