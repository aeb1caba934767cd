"""What time does with signed papers: the photos are removed."""

from datetime import timedelta
from typing import Final

from sqlalchemy import and_, or_, select

from booking.core import Core
from booking.helper_states import ConsentState
from booking.helping.caps import helper_limits
from booking.helping.papers import consent_store
from booking.models import Consent, ConsentPaper, Request
from booking.states import RequestState

BATCH: Final = 500
ORPHAN_AGE: Final = timedelta(days=1)


def remove_old_consents(core: Core) -> int:
    """Remove the photos of papers decided some days ago or never used, and of uploads that broke off; return how many.

    A paper that waits for an officer, at first or in an appeal, is kept. The row stays, with the file's hash.
    """
    now, store = core.clock.now(), consent_store(core)
    with core.sessions.begin() as session:
        keep = timedelta(days=helper_limits(session).helper_paper_kept_days)
        decided = and_(Request.state != RequestState.UNDER_REVIEW, Request.decided_at < now - keep)
        unused = and_(
            Consent.request_id.is_(None), or_(Consent.state == ConsentState.WITHDRAWN, Consent.ends_at <= now)
        )
        old = session.scalars(
            select(ConsentPaper)
            .join(Consent, Consent.id == ConsentPaper.consent_id)
            .outerjoin(Request, Request.id == Consent.request_id)
            .where(ConsentPaper.removed_at.is_(None), or_(decided, unused))
            .limit(BATCH)
            .with_for_update(of=ConsentPaper, skip_locked=True)
        ).all()
        for paper in old:
            paper.removed_at = now
    for paper in old:
        store.remove(paper.id, paper.pages)
    for paper_id, path in store.older_than((now - ORPHAN_AGE).timestamp()):
        with core.sessions() as session:
            known = session.scalar(
                select(ConsentPaper.id).where(ConsentPaper.id == paper_id, ConsentPaper.removed_at.is_(None))
            )
        if known is None:
            path.unlink(missing_ok=True)
    return len(old)
