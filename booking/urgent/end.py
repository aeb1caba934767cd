"""A case ends with the request that it belongs to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from booking.models.requests.states import UrgentState
from booking.urgent.rows import hand_back, live_case


def end_with_request(session: Session, request_id: UUID, at: datetime, *, state: UrgentState) -> None:
    """End the live case of a locked request that ends, if it has one; ``state`` is withdrawn or lapsed.

    The places of an approved case go back with its appointment (`booking.places.rows.give_back`).
    """
    case = live_case(session, request_id, lock=True)
    if case is None:
        return
    case.move_to(UrgentState.WITHDRAWN if case.state is UrgentState.APPROVED else state)
    hand_back(case)
    case.closed_at = at
