"""A case ends with the request that it belongs to."""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models.states import RequestState, UrgentState
from booking.scheduling.urgent.rows import live_case


def end_with_request(session: Session, core: Core, request_id: UUID, how: RequestState) -> None:
    """End the live case of a locked request, if it has one, as the request ends: withdrawn or lapsed.

    The places of an approved case go back with its appointment (`booking.country.places.rows.give_back`).
    """
    case = live_case(session, request_id, lock=True)
    if case is None:
        return
    lapses = how is RequestState.LAPSED and case.state is not UrgentState.APPROVED
    case.move_to(UrgentState.LAPSED if lapses else UrgentState.WITHDRAWN)
    case.hand_back()
    case.closed_at = core.clock.now()
