"""A carrier over any of the services that Apprise speaks to: SMS gateways, mail servers, messengers."""

import gc
import logging
import re
import warnings
from functools import cache
from types import ModuleType
from typing import Final
from urllib.parse import quote

from typing_extensions import override

from booking.people.reaching.carrier import Carrier, CarrierError, Letter
from booking.platform.base.bounded_http import WHOLE_SECONDS
from booking.platform.base.message_states import TryOutcome
from booking.platform.base.settings_reaching import TO

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
_STATUS: Final = re.compile(r"error=(\d{3})\b")
_MAY_WORK_LATER: Final = frozenset({401, 403, 407, 408, 425, 429})
"""The first three are about us: a password that ran out must not give up a nation's notices."""
_CLIENT_ERRORS: Final = range(400, 500)


class AppriseCarrier(Carrier):
    """Sends to the gateway at ``address``, one of Apprise's with ``{to}`` in it.

    What Apprise logs may name people, so nothing of it is kept but the gateway's status. A gateway that sends elsewhere
    is not followed, whatever its address says: codes and phones would go where nobody chose.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    @override
    def send(self, address: str, letter: Letter, key: str) -> None:
        """Send a notice; raises CarrierError."""
        apprise = load_apprise()
        asset = apprise.AppriseAsset(async_mode=False, service_timeout=WHOLE_SECONDS)
        service = apprise.Apprise.instantiate(self._address.replace(TO, quote(address, safe="")), asset=asset)
        if service is None:
            raise CarrierError(TryOutcome.REFUSED)
        service.redirects = False
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, ANSWER_SECONDS
        sender = apprise.Apprise(asset=asset)
        sender.add(service)
        result = sender.notify(title=letter.subject, body=letter.text, body_format=apprise.NotifyFormat.TEXT)
        if result:
            return
        tries = [one for each in result for one in each.attempts]
        if any(one.status == apprise.AppriseResultStatus.TIMEOUT or one.elapsed >= ANSWER_SECONDS for one in tries):
            raise CarrierError(TryOutcome.TIMED_OUT)
        raise CarrierError(_outcome([entry.message for one in tries for entry in one.logs]))


def _outcome(logged: list[str]) -> TryOutcome:
    """Judge by the gateway's status whether trying again can help; without a status it was not reached."""
    found = [int(status) for line in logged for status in _STATUS.findall(line)]
    return outcome_of(found[-1]) if found else TryOutcome.UNREACHABLE


def outcome_of(status: int) -> TryOutcome:
    """Judge by the status with which a gateway did not take a notice."""
    refused = status in _CLIENT_ERRORS and status not in _MAY_WORK_LATER
    return TryOutcome.REFUSED if refused else TryOutcome.UNAVAILABLE


@cache
def load_apprise() -> ModuleType:
    """Load Apprise and its services when they are first needed; its log stays with it."""
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a module of Python that it knows how to do without
        import apprise  # noqa: PLC0415 - a second and a half

        apprise.Apprise.instantiate("json://localhost")
    gc.freeze()  # looking again and again through what never goes away takes a quarter of the time of sending
    return apprise
