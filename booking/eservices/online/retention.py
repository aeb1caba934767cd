"""What time does with cases: unfinished ones end, results expire, papers are removed."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.eservices.online.papers import paper_store
from booking.people.evidence.retention import remove_files
from booking.people.payments.refund import end_payment
from booking.platform.models import IssuedResult, OnlineCase, OnlinePaper
from booking.platform.models.online.case import OnlineState

BATCH: Final = 500
KEPT_FOR: Final = {
    OnlineState.DRAFT: timedelta(days=60),
    OnlineState.AWAITING_PAYMENT: timedelta(days=14),
    OnlineState.NEEDS_MORE: timedelta(days=60),
}
"""How long a case waits for its owner since it last changed."""
PAPERS_KEPT: Final = timedelta(days=180)
"""How long papers are kept once a case is over."""


def lapse_waiting(core: Core) -> int:
    """End the cases that waited for their owner too long; return how many. What was paid goes back."""
    now, ended = core.clock.now(), 0
    for state, kept in KEPT_FOR.items():
        with core.sessions.begin() as session:
            for case in _old(session, OnlineCase.state == state, OnlineCase.changed_at < now - kept):
                case.move_to(OnlineState.LAPSED)
                case.closed_at = case.changed_at = now
                end_payment(session, case.id)
                tell(session, core, case.account_id, "online_lapsed", reference=case.reference)
                ended += 1
    return ended


def expire_results(core: Core) -> int:
    """Mark cases whose result is not valid any more as expired; return how many."""
    with core.sessions.begin() as session:
        over = select(IssuedResult.case_id).where(IssuedResult.valid_until < core.today())
        cases = _old(session, OnlineCase.state == OnlineState.ISSUED, OnlineCase.id.in_(over))
        for case in cases:
            case.move_to(OnlineState.EXPIRED)
        return len(cases)


def remove_old_papers(core: Core) -> int:
    """Remove the pages of cases that ended long ago, and those of uploads that broke off; return how many files."""
    over = (
        select(OnlinePaper)
        .join(OnlineCase, OnlineCase.id == OnlinePaper.case_id)
        .where(OnlineCase.closed_at < core.clock.now() - PAPERS_KEPT)
    )
    return remove_files(core, paper_store(core), OnlinePaper, lambda _: over)


def _old(session: Session, *conditions: object) -> list[OnlineCase]:
    return list(
        session.scalars(
            select(OnlineCase).where(*conditions).limit(BATCH).with_for_update(of=OnlineCase, skip_locked=True)  # type: ignore[arg-type]
        )
    )
