"""Every event that other systems can be told of: its name, what it says, and who may hear it.

What the gate thinks of a request (checked, under review) and which officer has a case is told to nobody. Names, numbers
and times of people are in no event: who may see them asks for them by the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

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
