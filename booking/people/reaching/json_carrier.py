"""A carrier over a gateway that takes JSON: the calls that Apprise would make, over connections that are kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final, cast
from urllib.parse import quote, urlencode

import requests
from requests.auth import HTTPBasicAuth
from typing_extensions import override

from booking.people.reaching.apprise_carrier import load_apprise
from booking.people.reaching.carrier import Carrier, CarrierError, Letter
from booking.people.reaching.posting import KEY_HEADER, Posting
from booking.platform.base.message_states import TryOutcome
from booking.platform.base.settings_reaching import TO

_RECEIVER: Final = "receiver-of-this-notice"
"""Stands where the receiver will, while Apprise reads the address."""


@dataclass(frozen=True, slots=True)
class _Gateway:
    """What is the same in all calls; each text may hold the receiver's place."""

    posting: Posting
    headers: Mapping[str, str]
    params: Mapping[str, str]
    extras: Mapping[str, str]


class JsonCarrier(Carrier):
    """Sends to the gateway at ``address``, ``json://`` or ``jsons://`` as Apprise reads it, with ``{to}`` in it.

    As many ``connections`` are kept as there are calls at a time.
    """

    def __init__(self, address: str, *, connections: int = 1) -> None:
        self._address, self._connections, self._lock = address, connections, Lock()

    @override
    def send(self, address: str, letter: Letter, key: str) -> None:
        """Send a notice; raises CarrierError."""
        with self._lock:
            gateway = self._gateway
        headers = {name: _filled(value, address) for name, value in gateway.headers.items()} | {KEY_HEADER: key}
        body = json.dumps(_payload(gateway, address, letter)).encode()
        gateway.posting.post(_path(gateway, address), headers, body)

    @cached_property
    def _gateway(self) -> _Gateway:
        """Read the address as Apprise does, and what the environment says of proxies and certificates."""
        service = load_apprise().Apprise.instantiate(self._address.replace(TO, _RECEIVER))
        if service is None or _RECEIVER in service.host:
            raise CarrierError(TryOutcome.UNREACHABLE)
        port = f":{service.port}" if isinstance(service.port, int) else ""
        session = requests.Session()
        url = f"{'https' if service.secure else 'http'}://{service.host}{port}{service.fullpath}"
        call = session.prepare_request(
            requests.Request(
                service.method,
                url,
                headers={"User-Agent": service.app_id, "Content-Type": "application/json"} | service.headers,
                auth=HTTPBasicAuth(service.user, service.password) if service.user else None,
            )
        )
        settings = session.merge_environment_settings(url, {}, None, service.verify_certificate, None)
        posting = Posting(call, settings, connections=self._connections)
        call.headers.pop("Content-Length", None)  # of no body
        headers = cast("Mapping[str, str]", call.headers)
        return _Gateway(posting, dict(headers), service.params, service.payload_extras)


def _path(gateway: _Gateway, receiver: str) -> str:
    params = urlencode({name: _filled(value, receiver) for name, value in gateway.params.items()})
    path = _filled(gateway.posting.path, quote(receiver, safe="+@"))
    return f"{path}?{params}" if params else path


def _payload(gateway: _Gateway, receiver: str, letter: Letter) -> dict[str, object]:
    """Write what Apprise would: an extra that has the name of a part renames it, or leaves it out where it is empty."""
    payload: dict[str, object] = {
        "version": "1.0",
        "title": letter.subject,
        "message": letter.text,
        "attachments": [],
        "type": "info",
    }
    for name, value in gateway.extras.items():
        if name not in payload:
            payload[name] = _filled(value, receiver)
        elif value:
            payload[value] = payload.pop(name)
        else:
            del payload[name]
    return payload


def _filled(text: str, receiver: str) -> str:
    return text.replace(_RECEIVER, receiver)
