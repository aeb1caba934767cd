"""An appeal is answered by a day that policy sets; one that waits longer goes to the supervisors."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.quotas import AppealLimits
from booking.country.policy import limits as policy_limits
from booking.platform.models import Appeal, Request
from booking.platform.models.states import AppealState, RequestState


def last_day_for_answer(session: Session, core: Core) -> date:
    """Return the last day on which an appeal that comes now should be answered, in the country's own time.

    Raises PolicyMissingError.
    """
    return core.today() + timedelta(days=policy_limits.read(session, AppealLimits).appeal_days)


def waits_for_answer() -> ColumnElement[bool]:
    """Return the condition that an appeal and its request are open: one that was withdrawn needs no answer any more."""
    return (Appeal.state == AppealState.OPEN) & Appeal.request.has(Request.state == RequestState.UNDER_REVIEW)


def escalate_appeals(core: Core) -> int:
    """Mark the appeals whose last day is over, each once, so that supervisors see them; return how many."""
    with core.sessions.begin() as session:
        late = session.execute(
            update(Appeal)
            .where(waits_for_answer(), Appeal.answer_by < core.today(), Appeal.escalated_at.is_(None))
            .values(escalated_at=core.clock.now())
            .returning(Appeal.id)
            .execution_options(synchronize_session=False)
        ).all()
        return len(late)
