"""Calls to a gateway over connections that are kept: sent once, followed nowhere, answers read within bounds."""

from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any, Final

import requests

from booking.base.message_states import TryOutcome
from booking.base.whole_answers import WholeAnswers
from booking.reaching.apprise_carrier import ANSWER_SECONDS, CONNECT_SECONDS, outcome_of
from booking.reaching.carrier import CarrierError

LONGEST_ANSWER: Final = 65_536
KEY_HEADER: Final = "Idempotency-Key"
_TAKEN: Final = range(200, 300)


class Posting:
    """Keeps as many ``connections`` as there are calls at a time: a new one for each of a million takes longest."""

    def __init__(self, connections: int) -> None:
        self._connections = WholeAnswers(pool_connections=1, pool_maxsize=connections)

    def post(self, call: requests.PreparedRequest, settings: Mapping[str, Any]) -> None:
        """Make a call; raises CarrierError where what it brings was not taken.

        Parameters
        ----------
        settings
            What `requests.Session.merge_environment_settings` returns: proxies and certificates.
        """
        try:
            status = self._status(call, settings)
        except requests.ConnectTimeout:
            raise CarrierError(TryOutcome.UNREACHABLE) from None
        except requests.Timeout:
            raise CarrierError(TryOutcome.TIMED_OUT) from None
        except requests.RequestException:
            raise CarrierError(TryOutcome.UNREACHABLE) from None
        if status not in _TAKEN:
            raise CarrierError(outcome_of(status))

    def _status(self, call: requests.PreparedRequest, settings: Mapping[str, Any]) -> int:
        """Return the status; a short answer is read to its end, so that its connection can be used again."""
        answer = self._connections.send(
            call,
            stream=True,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            verify=settings["verify"],
            cert=settings["cert"],
            proxies=settings["proxies"],
        )
        with closing(answer), suppress(requests.RequestException):  # its status alone says whether the notice was taken
            next(answer.iter_content(LONGEST_ANSWER), b"")
        return answer.status_code
