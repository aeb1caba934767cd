"""A carrier over a ministry's GovStack Messaging building block (0.1.1): each letter is one ``/send/email/single``."""

import json
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from typing_extensions import override

from booking.people.reaching.carrier import Carrier, Letter
from booking.people.reaching.posting import KEY_HEADER, Posting
from booking.platform.base.settings_reaching import GOVSTACK, TO

_PATH: Final = "/send/email/single"
_KEY_NAMES: Final = ("apiKey", "api_key")
"""The key's header in its description, and in its published scenarios."""
_SENDER: Final = {"from": "email", "reply": "replyTo", "name": "name", "organisation": "organisationName"}
"""What the address says of the sender, and what the description calls it."""


class GovStackCarrier(Carrier):
    """Sends to ``govstacks://KEY@HOST/BASE/{to}?from=…&organisation=…``.

    The letter goes in the body, as in the published scenarios. Their description has it in the address, which every
    proxy keeps: codes and addresses of people belong into none.
    """

    def __init__(self, address: str, *, connections: int = 1) -> None:
        parts = urlsplit(address)
        at, base = parts.netloc.rpartition("@")[2], parts.path.removesuffix(f"/{TO}").rstrip("/")
        self._url, key = f"{GOVSTACK[parts.scheme]}://{at}{base}{_PATH}", unquote(parts.username or "")
        self._sender = {_SENDER[name]: value for name, value in parse_qsl(parts.query) if name in _SENDER}
        self._headers = {
            "User-Agent": "mawid",
            "Accept": "application/json",
            "Content-Type": "application/json",
            **dict.fromkeys(_KEY_NAMES, key),
        }
        self._connections = connections

    @override
    def send(self, address: str, letter: Letter, key: str) -> None:
        """Send a notice; raises CarrierError."""
        body = {
            "senderInfo": self._sender,
            "recipientInfo": {"email": address},
            "emailContent": {"encoding": "UTF-8", "title": letter.subject, "content": letter.text},
        }
        self._posting.post(self._posting.path, self._headers | {KEY_HEADER: key}, json.dumps(body).encode())

    @cached_property
    def _posting(self) -> Posting:
        settings = requests.Session().merge_environment_settings(self._url, {}, None, None, None)
        return Posting(requests.Request("POST", self._url).prepare(), settings, connections=self._connections)
