"""Online cases of an officer who leaves or gets other work go back to where a colleague finds them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import OnlineCase
from booking.models.online.states import OnlineState


def release_cases(session: Session, *, held_by: UUID) -> int:
    """Put the cases in an officer's hands back into the queue, in the caller's transaction; return how many.

    An approved one keeps its approval on record and is looked at once more by whoever issues it.
    """
    cases = session.scalars(
        select(OnlineCase)
        .where(
            OnlineCase.assigned_to == held_by,
            OnlineCase.state.in_([OnlineState.ASSIGNED, OnlineState.APPROVED]),
        )
        .with_for_update(of=OnlineCase)
    ).all()
    for case in cases:
        case.move_to(OnlineState.SUBMITTED)
        case.assigned_to = case.assigned_at = None
    return len(cases)
