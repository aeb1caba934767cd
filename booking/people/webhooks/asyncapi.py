"""The catalogue of events as an AsyncAPI 3 document: what a receiver is sent, from `webhooks.catalogue`."""

from collections.abc import Mapping
from typing import Any, Final

from booking.people.webhooks.catalogue import KINDS, TEST, Kind
from booking.platform.base.webhooks import ID, SIGNATURE, TIMESTAMP

ASYNCAPI: Final = "3.0.0"
VERSION: Final = "1"
"""Of the events: a field or kind is added within it, and nothing else changes."""
_CHANNEL: Final = "events"
_ABOUT: Final = (
    "Mawid sends each event as an HTTP POST, signed as Standard Webhooks (standardwebhooks.com) says. An event comes "
    "at least once, and those of one subject in their order; the header webhook-id names an event and is the same at "
    "every try. Answer with 2xx once it is kept. Events hold references, codes and states alone."
)


def document(*, title: str, server: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the whole document.

    Parameters
    ----------
    title
        What the installation is called.
    server
        The host that sends.
    words
        When each event happens, by its kind.
    """
    kinds = {_key(name): _message(name, one, words[name]) for name, one in KINDS.items()}
    kinds[_key(TEST)] = _message(TEST, None, words[TEST])
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": title, "version": VERSION, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "receiver": {
                "host": "receiver.example",
                "protocol": "https",
                "description": f"Your system; {server} calls it.",
            }
        },
        "channels": {
            _CHANNEL: {
                "address": "/",
                "description": "The address that is subscribed.",
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in kinds},
            }
        },
        "operations": {
            "receive": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{_CHANNEL}"},
                "summary": "Take an event, and answer with 2xx.",
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
                "messages": [{"$ref": f"#/channels/{_CHANNEL}/messages/{key}"} for key in kinds],
            }
        },
        "components": {
            "messages": kinds,
            "messageTraits": {"signed": {"headers": _headers()}},
        },
    }


def payload(name: str, kind: Kind | None) -> dict[str, Any]:
    """Return the JSON Schema of the body of one kind; None: of the test, which holds nothing."""
    nothing = {"type": "object", "additionalProperties": False}
    return {
        "type": "object",
        "properties": {
            "type": {"const": name},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
            "data": nothing if kind is None else kind.data(),
        },
        "required": ["data", "timestamp", "type"],
        "additionalProperties": False,
    }


def _key(name: str) -> str:
    return name.replace(".", "_")


def _message(name: str, kind: Kind | None, when: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name if kind is None else f"{kind.subject.title}: {name}",
        "summary": when,
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/signed"}],
        "payload": payload(name, kind),
    }


def _headers() -> dict[str, Any]:
    words = {
        ID: "Names the event: the same at every try and in every replay. Keep it, and let be what you have.",
        TIMESTAMP: "When it was sent, in seconds since 1970. Refuse what is more than five minutes away.",
        SIGNATURE: "v1, and the HMAC-SHA-256 in Base64; several separated by spaces while a secret is replaced.",
    }
    fields = {name: {"type": "string", "description": text} for name, text in words.items()}
    return {"type": "object", "properties": fields, "required": sorted(fields)}
