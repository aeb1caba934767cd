"""Officers read and decide review cases: are these two one person, do these accounts resell."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from booking.antifraud.gate.labels import learn
from booking.antifraud.linking.views import RingView, SamePersonView, ring_view, same_person_view
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_review_case, require
from booking.platform.base import fields
from booking.platform.base.errors import CaseChangedError, CaseClosedError, FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, ReviewCase
from booking.platform.models.requests.case import CASE_DECISIONS, WATCH_KINDS, CaseDecision, CaseKind, CaseState
from booking.platform.models.states import LabelKind

# Of the ring's own accounts, and only what was asked from a device or phone that others had too, clients among them:
# what an account asked from its own says nothing.
_REQUESTS_OF_RING: Final = text(
    """
    WITH asked AS (
        SELECT id, account_id, device_hash, phone_hash FROM request
        WHERE account_id = ANY(:accounts) AND created_at >= :since AND created_at <= :until
    )
    SELECT id FROM asked
    WHERE (device_hash <> '' AND EXISTS (
        SELECT 1 FROM request other WHERE other.device_hash = asked.device_hash
        AND other.created_at >= :since AND other.created_at <= :until AND other.account_id <> asked.account_id
    )) OR (phone_hash <> '' AND EXISTS (
        SELECT 1 FROM request other WHERE other.phone_hash = asked.phone_hash
        AND other.created_at >= :since AND other.created_at <= :until AND other.account_id <> asked.account_id
    ))
    ORDER BY id
    """
)


def look_at_case(core: Core, *, officer_id: UUID, reference: str) -> SamePersonView | RingView:
    """Return to an officer what a case shows. A look at two people's data is in the audit log before it is shown.

    Raises
    ------
    ForbiddenError
        The account may not decide reviews.
    OwnCaseError
        The case is about the officer's own person, household or phone.
    NotFoundError
        There is no such case.
    """
    with core.sessions.begin() as session:
        case, officer = _case_for(session, officer_id, reference)
        if case.kind is CaseKind.RING:
            return ring_view(session, case)
        audit.record(session, core, officer, "case.looked_at", reference, kind=case.kind.value)
        return same_person_view(session, core, case)


def decide_case(core: Core, *, officer_id: UUID, reference: str, revision: int, decision: str, note: str) -> None:
    """Decide an open case as it was read; of two officers at once the first decides.

    A decision about a ring becomes a label, known from now on, of the requests that were made with its shared devices
    and phones. A decision about two people changes no request: officers see it beside later ones.

    Parameters
    ----------
    revision
        Of the case as the officer read it.

    Raises
    ------
    ForbiddenError
        The account may not decide reviews.
    OwnCaseError
        People or accounts of the case are the officer's own, or of their household or phone.
    NotFoundError
        There is no such case.
    InvalidInputError
        There is no note, or one that is too long; or this kind of case has no such decision.
    CaseClosedError
        Somebody decided it before, or it went into another case.
    CaseChangedError
        It grew since it was read.
    """
    note = fields.words("note", note)
    with core.sessions.begin() as session:
        case, officer = _case_for(session, officer_id, reference)
        close_case(session, core, case, officer_id=officer_id, revision=revision, decision=decision, note=note)
        labelled = 0
        if case.kind is CaseKind.RING:
            labelled = _label_ring(session, core, case, resold=decision == CaseDecision.RESELLING, by=officer_id)
        audit.record(session, core, officer, f"case.{decision}", reference, note=note, labelled=labelled)


def close_case(
    session: Session, core: Core, case: ReviewCase, *, officer_id: UUID, revision: int, decision: str, note: str
) -> None:
    """Keep an answer to an open case of any kind, in the caller's transaction.

    Raises
    ------
    InvalidInputError
        This kind of case has no such decision.
    CaseClosedError
        Somebody decided it before, or it went into another case.
    CaseChangedError
        It grew since it was read.
    """
    if decision not in CASE_DECISIONS[case.kind]:
        raise InvalidInputError([FieldError("decision", "choose_one")])
    decided = session.execute(
        update(ReviewCase)
        .where(ReviewCase.id == case.id, ReviewCase.state == CaseState.OPEN, ReviewCase.revision == revision)
        .values(
            state=CaseState.DECIDED,
            decision=CaseDecision(decision),
            officer_id=officer_id,
            note=note,
            closed_at=core.clock.now(),
        )
        .returning(ReviewCase.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not decided:
        state = session.scalar(select(ReviewCase.state).where(ReviewCase.id == case.id))
        raise CaseChangedError if state is CaseState.OPEN else CaseClosedError


def _case_for(session: Session, officer_id: UUID, reference: str) -> tuple[ReviewCase, Account]:
    officer = require(session.get(Account, officer_id), Permission.DECIDE_REVIEWS)
    case = session.scalar(select(ReviewCase).where(ReviewCase.reference == reference))
    if case is None or case.kind in WATCH_KINDS:
        raise NotFoundError
    refuse_own_review_case(session, officer_id, case)
    return case, officer


def _label_ring(session: Session, core: Core, case: ReviewCase, *, resold: bool, by: UUID) -> int:
    period = {name: datetime.fromisoformat(case.evidence[name]) for name in ("since", "until")}
    requests = session.scalars(_REQUESTS_OF_RING, {"accounts": case.subjects, **period}).all()
    for request_id in requests:
        learn(
            session,
            core,
            request_id=request_id,
            kind=LabelKind.RESELLING,
            value=resold,
            source="ring",
            account_id=by,
        )
    return len(requests)
