"""Online cases of an officer who leaves or gets other work go back to where a colleague finds them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.core import Core, Departure
from booking.models import OnlineCase
from booking.models.online.states import OnlineState


def release_online_cases(session: Session, _core: Core, departure: Departure) -> None:
    """Put the cases in the hands of an officer who leaves back into the queue, in the caller's transaction.

    An approved one keeps its approval on record and is looked at once more by whoever issues it.
    """
    cases = session.scalars(
        select(OnlineCase)
        .where(
            OnlineCase.assigned_to == departure.officer_id,
            OnlineCase.state.in_([OnlineState.ASSIGNED, OnlineState.APPROVED]),
        )
        .with_for_update(of=OnlineCase)
    ).all()
    for case in cases:
        case.move_to(OnlineState.SUBMITTED)
        case.assigned_to = case.assigned_at = None
