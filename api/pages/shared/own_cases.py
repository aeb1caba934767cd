"""What a person asked for, under headings: what waits for them first, then what is under way, then what is over."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.i18n import N_
from booking.country.core.core import Core
from booking.eservices.online.views import CaseLine, own_lists
from booking.platform.models.online.case import IN_OWN_HANDS, RUNNING, OnlineState
from booking.platform.models.states import (
    LIVE_REQUEST_STATES,
    TAKES_EVIDENCE,
    AppointmentState,
    RequestState,
)
from booking.scheduling.requests.views import RequestLine, request_lists

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


async def own_cases(core: Core, account_id: UUID, *, finished: bool = True) -> dict[str, Any]:
    """Return what `shared/own_cases.html` shows: an account's requests and online cases, and the time now."""
    own = core, account_id
    lines, online = await asyncio.gather(core.together.join(request_lists, own), core.together.join(own_lists, own))
    return {
        "own_groups": [one for one in grouped(lines, online) if finished or one.live],
        "now": core.clock.now(),
    }


def grouped(lines: Sequence[RequestLine], online: Sequence[CaseLine]) -> list[Group]:
    """Put a person's requests and online cases under headings; one with nothing under it is left out."""
    by_title: dict[str, tuple[list[RequestLine], list[CaseLine]]] = {one: ([], []) for one in (_WAITS, _GOES_ON, _OVER)}
    for line in lines:
        by_title[_of_request(line)][0].append(line)
    for case in online:
        by_title[_of_case(case.case.state)][1].append(case)
    return [Group(title, title != _OVER, *rows) for title, rows in by_title.items() if any(rows)]


def _of_request(line: RequestLine) -> str:
    offered = line.appointment_state is AppointmentState.OFFERED
    if line.state is RequestState.CHALLENGED or offered or line.urgent in TAKES_EVIDENCE:
        return _WAITS
    return _GOES_ON if line.state in LIVE_REQUEST_STATES else _OVER


def _of_case(state: OnlineState) -> str:
    if state in _ONLINE_WAITS:
        return _WAITS
    return _GOES_ON if state in RUNNING else _OVER
