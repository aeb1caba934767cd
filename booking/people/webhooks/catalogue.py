"""Every event that other systems can be told of: its name, what it says, and who may hear it.

What the gate thinks of a request (checked, under review) and which officer has a case is told to nobody. Names, numbers
and times of people are in no event: who may see them asks for them by the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from booking.platform.base.webhooks import ID, SIGNATURE, TIMESTAMP
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import AppointmentState, DrawState, RequestState


class Audience(StrEnum):
    """Who may hear an event."""

    AGENCY = "agency"
    """The agency whose case it is, and whoever hears of all cases."""
    COUNTRY = "country"
    """Whoever two administrators agreed on."""
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about; ``about`` says in English what its data hold besides reference and state."""

    name: str
    title: str
    audience: Audience
    about: Mapping[str, str]


_SERVICE: Final = "The code of the service."
REQUEST: Final = Subject("request", "A request for an appointment", Audience.COUNTRY, {"service": _SERVICE})
APPOINTMENT: Final = Subject(
    "appointment",
    "An appointment",
    Audience.COUNTRY,
    {"request": "The reference of its request.", "service": _SERVICE, "office": "The code of the office."},
)
ONLINE: Final = Subject(
    "online",
    "A case of a service asked for online",
    Audience.AGENCY,
    {"service": _SERVICE, "agency": "The code of the agency that decides it."},
)
DRAW: Final = Subject("draw", "A draw", Audience.EVERYONE, {})


@dataclass(frozen=True, slots=True)
class Kind:
    """An event: what it is called, what it is about, and the states that it tells of."""

    name: str
    subject: Subject
    states: tuple[StrEnum, ...]

    def data(self) -> dict[str, Any]:
        """Return the JSON Schema of its data."""
        words = {"reference": f"Of what it is about: {self.subject.title}.", **self.subject.about}
        fields: dict[str, Any] = {
            name: {"type": "string", "minLength": 1, "maxLength": 60, "description": text}
            for name, text in words.items()
        }
        fields["state"] = {"enum": [one.value for one in self.states], "description": "Where it stands now."}
        return {"type": "object", "properties": fields, "required": sorted(fields), "additionalProperties": False}


def _kind(subject: Subject, state: StrEnum) -> Kind:
    return Kind(f"{subject.name}.{state.value}", subject, (state,))


_R, _A, _O, _D = RequestState, AppointmentState, OnlineState, DrawState
MOVED: Final = Kind("appointment.moved", APPOINTMENT, (_A.OFFERED, _A.CONFIRMED, _A.CHECKED_IN))
TEST: Final = "webhook.test"
"""Sent when somebody wants to see whether a receiver answers; nobody subscribes to it."""

KINDS: Final[Mapping[str, Kind]] = {
    one.name: one
    for one in (
        _kind(REQUEST, _R.ACCEPTED),
        _kind(REQUEST, _R.REFUSED),
        _kind(REQUEST, _R.CARRIED_OVER),
        _kind(REQUEST, _R.DRAWN),
        _kind(REQUEST, _R.COMPLETED),
        _kind(REQUEST, _R.WITHDRAWN),
        _kind(REQUEST, _R.LAPSED),
        _kind(APPOINTMENT, _A.OFFERED),
        _kind(APPOINTMENT, _A.CONFIRMED),
        MOVED,
        _kind(APPOINTMENT, _A.CHECKED_IN),
        _kind(APPOINTMENT, _A.SERVED),
        _kind(APPOINTMENT, _A.UNSERVED),
        _kind(APPOINTMENT, _A.NO_SHOW),
        _kind(APPOINTMENT, _A.LAPSED),
        _kind(APPOINTMENT, _A.CANCELLED),
        _kind(ONLINE, _O.AWAITING_PAYMENT),
        _kind(ONLINE, _O.AWAITING_PAPERS),
        _kind(ONLINE, _O.SUBMITTED),
        _kind(ONLINE, _O.NEEDS_MORE),
        _kind(ONLINE, _O.APPROVED),
        _kind(ONLINE, _O.ISSUED),
        _kind(ONLINE, _O.REFUSED),
        _kind(ONLINE, _O.REVOKED),
        _kind(ONLINE, _O.EXPIRED),
        _kind(ONLINE, _O.WITHDRAWN),
        _kind(ONLINE, _O.LAPSED),
        _kind(DRAW, _D.ANNOUNCED),
        _kind(DRAW, _D.OPEN),
        _kind(DRAW, _D.CLOSED),
        _kind(DRAW, _D.DRAWN),
        _kind(DRAW, _D.PUBLISHED),
        _kind(DRAW, _D.ABANDONED),
    )
}
"""Every event that can be subscribed to, in the order in which they are offered."""


def offered(*, agency: bool) -> tuple[Kind, ...]:
    """Return what an agency, or whoever hears of all cases, may subscribe to."""
    return tuple(one for one in KINDS.values() if not agency or one.subject.audience is not Audience.COUNTRY)


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
