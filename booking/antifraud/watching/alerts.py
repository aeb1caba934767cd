"""Each night: open a question for whatever stands out, each once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.antifraud.linking.cases import new_case
from booking.antifraud.watching.limits import WINDOW_DAYS, Finder, Finding, beyond
from booking.antifraud.watching.linked import linked
from booking.antifraud.watching.reuse import alike, same_file
from booking.country.core.core import Core
from booking.platform.models import ReviewCase
from booking.platform.models.requests.case import CaseKind, CaseState

MOST_OPEN: Final = 50
"""Open questions of a kind up to which a night opens more: what people can read."""
_LOCK: Final = 0x7761746368  # "watch"
FINDERS: Final[tuple[tuple[CaseKind, Finder], ...]] = (
    (CaseKind.APPROVALS, beyond),
    (CaseKind.LINKED, linked),
    (CaseKind.EVIDENCE, same_file),
    (CaseKind.EVIDENCE, alike),
)
_log = structlog.get_logger(__name__)


def open_questions(core: Core) -> int:
    """Look at the last ninety days and open a case for each finding that was not asked about; return how many.

    While a question is open it is not asked again. Once it was answered, only what happened since then counts: it is
    asked again where that alone stands out.
    """
    until = core.clock.now()
    since, opened = until - timedelta(days=WINDOW_DAYS), 0
    with core.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        for kind, find in FINDERS:
            opened += _open(session, core, kind, _unasked(session, kind, find, since, until))
    _log.info("questions_about_approvals", opened=opened)
    return opened


def _unasked(session: Session, kind: CaseKind, find: Finder, since: datetime, until: datetime) -> dict[str, Finding]:
    """Return the findings about which no question is open, counted from the last answer on where there was one."""
    found = find(session, since, until)
    asked = session.execute(
        select(ReviewCase.subject_key, func.max(ReviewCase.closed_at), func.bool_or(ReviewCase.state == CaseState.OPEN))
        .where(ReviewCase.kind == kind, ReviewCase.subject_key.in_(found))
        .group_by(ReviewCase.subject_key)
    )
    new: dict[str, Finding] = dict(found)
    again: dict[datetime, Mapping[str, Finding]] = {}
    for key, answered_at, is_open in asked:
        del new[key]
        if not is_open:
            later = max(since, answered_at)
            if later not in again:
                again[later] = find(session, later, until)
            if key in again[later]:
                new[key] = again[later][key]
    return new


def _open(session: Session, core: Core, kind: CaseKind, findings: Mapping[str, Finding]) -> int:
    waiting = session.scalar(
        select(func.count()).select_from(ReviewCase).where(ReviewCase.kind == kind, ReviewCase.state == CaseState.OPEN)
    )
    room = max(0, MOST_OPEN - (waiting or 0))
    for key, finding in list(findings.items())[:room]:
        row = new_case(core, kind, finding.subjects, key, finding.evidence)
        session.add(ReviewCase(**row, office_id=finding.office_id, concerns=list(finding.concerns)))
    session.flush()
    return min(room, len(findings))
