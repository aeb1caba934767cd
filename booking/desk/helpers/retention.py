"""What time does with signed papers: the photos are removed."""

from datetime import timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.quotas import HelperLimits
from booking.country.policy import limits as policy_limits
from booking.desk.helpers.papers import consent_store
from booking.people.evidence.retention import remove_files
from booking.platform.models import Consent, ConsentPaper, Request
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.states import RequestState


def remove_old_consents(core: Core) -> int:
    """Remove the photos of papers decided some days ago or never used, and of uploads that broke off; return how many.

    A paper that waits for an officer, at first or in an appeal, is kept. The row stays, with the file's hash.
    """
    now = core.clock.now()

    def over(session: Session) -> Select[ConsentPaper]:
        keep = timedelta(days=policy_limits.read(session, HelperLimits).helper_paper_kept_days)
        decided = and_(Request.state != RequestState.UNDER_REVIEW, Request.decided_at < now - keep)
        unused = and_(
            Consent.request_id.is_(None), or_(Consent.state == ConsentState.WITHDRAWN, Consent.ends_at <= now)
        )
        return (
            select(ConsentPaper)
            .join(Consent, Consent.id == ConsentPaper.consent_id)
            .outerjoin(Request, Request.id == Consent.request_id)
            .where(or_(decided, unused))
        )

    return remove_files(core, consent_store(core), ConsentPaper, over)
