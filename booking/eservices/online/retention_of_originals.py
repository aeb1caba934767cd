"""What time does with posted papers: a reminder in good time, and an end where they do not come."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.eservices.online.originals import give_up_originals
from booking.people.payments.refund import end_payment
from booking.platform.models import CaseOriginals, OnlineCase
from booking.platform.models.online.case import OnlineState, OriginalsState

BATCH: Final = 500
REMINDED_BEFORE: Final = timedelta(days=10)
"""A letter that leaves at once still has a chance."""


def remind_of_post(core: Core) -> int:
    """Remind, once, of papers that have not come and soon must have; return of how many cases."""
    with core.sessions.begin() as session:
        today = core.today()
        near = CaseOriginals.last_day.between(today, today + REMINDED_BEFORE)
        found = _awaited(session, near, CaseOriginals.reminded_at.is_(None))
        for case, kept in found:
            kept.reminded_at = core.clock.now()
            tell(session, core, case.account_id, "online_post_reminder", reference=case.reference)
        return len(found)


def lapse_unposted(core: Core) -> int:
    """End the cases whose papers did not come by their last day; return how many. What was paid goes back."""
    with core.sessions.begin() as session:
        found = _awaited(session, CaseOriginals.last_day < core.today())
        for case, _ in found:
            case.move_to(OnlineState.LAPSED)
            case.closed_at = case.changed_at = core.clock.now()
            give_up_originals(session, case)
            end_payment(session, case.id)
            tell(session, core, case.account_id, "online_post_lapsed", reference=case.reference)
        return len(found)


def _awaited(session: Session, *conditions: object) -> list[tuple[OnlineCase, CaseOriginals]]:
    """Lock the cases that wait for papers: the case first, like an officer who registers an arrival."""
    rows = session.execute(
        select(OnlineCase, CaseOriginals)
        .join(CaseOriginals, CaseOriginals.case_id == OnlineCase.id)
        .where(
            OnlineCase.state == OnlineState.AWAITING_PAPERS,
            CaseOriginals.state == OriginalsState.AWAITED,
            *conditions,  # type: ignore[arg-type]
        )
        .order_by(CaseOriginals.last_day)
        .limit(BATCH)
        .with_for_update(of=OnlineCase, skip_locked=True)
    )
    return [(row[0], row[1]) for row in rows]
