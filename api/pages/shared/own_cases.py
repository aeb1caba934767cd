"""What a person asked for, under headings: what waits for them first, then what is under way, then what is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.i18n import N_
from booking.core.core import Core
from booking.models.online.states import IN_OWN_HANDS, RUNNING, OnlineState
from booking.models.states import (
    LIVE_REQUEST_STATES,
    TAKES_EVIDENCE,
    AppointmentState,
    RequestState,
    UrgentState,
)
from booking.online.views import CaseLine, list_own
from booking.requests.views import RequestLine, list_requests
from booking.urgent.views import own_urgent_states

_WAITS: Final = N_("Waits for you")
_GOES_ON: Final = N_("Under way")
_OVER: Final = N_("Finished")
_ONLINE_WAITS: Final = IN_OWN_HANDS | {OnlineState.AWAITING_PAYMENT, OnlineState.AWAITING_PAPERS}


@dataclass(frozen=True, slots=True)
class Group:
    """Requests and online cases under one heading; ``live`` where they are not over."""

    title: str
    live: bool
    requests: Sequence[RequestLine]
    online: Sequence[CaseLine]


def own_cases(core: Core, account_id: UUID, *, finished: bool = True) -> dict[str, Any]:
    """Return what `shared/own_cases.html` shows: an account's requests and online cases, and the time now."""
    urgent = own_urgent_states(core, account_id)
    groups = grouped(list_requests(core, account_id), list_own(core, account_id), urgent)
    return {
        "own_groups": [one for one in groups if finished or one.live],
        "urgent": urgent,
        "now": core.clock.now(),
    }


def grouped(lines: Sequence[RequestLine], online: Sequence[CaseLine], urgent: Mapping[str, UrgentState]) -> list[Group]:
    """Put a person's requests and online cases under headings; one with nothing under it is left out."""
    by_title: dict[str, tuple[list[RequestLine], list[CaseLine]]] = {one: ([], []) for one in (_WAITS, _GOES_ON, _OVER)}
    for line in lines:
        by_title[_of_request(line, urgent.get(line.reference))][0].append(line)
    for case in online:
        by_title[_of_case(case.case.state)][1].append(case)
    return [Group(title, title != _OVER, *rows) for title, rows in by_title.items() if any(rows)]


def _of_request(line: RequestLine, urgent: UrgentState | None) -> str:
    offered = line.appointment_state is AppointmentState.OFFERED
    if line.state is RequestState.CHALLENGED or offered or urgent in TAKES_EVIDENCE:
        return _WAITS
    return _GOES_ON if line.state in LIVE_REQUEST_STATES else _OVER


def _of_case(state: OnlineState) -> str:
    if state in _ONLINE_WAITS:
        return _WAITS
    return _GOES_ON if state in RUNNING else _OVER
