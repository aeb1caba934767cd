"""Find an urgent case, locked for a change; how officers handle it, and what is kept of their decisions."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_request, require
from booking.people.hands.handling import Handling, record
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import Account, Request, UrgentDecision, UrgentRequest
from booking.platform.models.base import Json
from booking.platform.models.states import LIVE_URGENT_STATES, UrgentAct, UrgentState
from booking.scheduling.urgent.reasons import check_reason
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in


def locked_case(session: Session, reference: str) -> UrgentRequest:
    """Return a case, its request locked first and then itself; raises NotFoundError."""
    request_id = session.scalar(select(UrgentRequest.request_id).where(UrgentRequest.reference == reference))
    if request_id is None:
        raise NotFoundError
    session.scalars(select(Request).where(Request.id == request_id).with_for_update(of=Request)).one()
    return session.scalars(
        select(UrgentRequest).where(UrgentRequest.reference == reference).with_for_update(of=UrgentRequest)
    ).one()


URGENT: Final = Handling(
    name="urgent",
    model=UrgentRequest,
    handle=Permission.DECIDE_URGENT,
    supervise=Permission.APPROVE_SECOND,
    waiting=UrgentState.SUBMITTED,
    assigned=UrgentState.ASSIGNED,
    held=frozenset({UrgentState.ASSIGNED}),
    locking_order=UrgentRequest.request_id,
    lock=locked_case,
    move=UrgentRequest.move_to,
    require=lambda account, permission, case: require(account, permission, office_id=case.office_id),
    refuse_own=lambda session, officer_id, case: refuse_own_request(session, officer_id, case.request_id),
    for_supervisors=lambda case: case.for_supervisor,
)
"""Urgent cases in the hands of their office's officers."""


def live_case(session: Session, request_id: UUID, *, lock: bool = False) -> UrgentRequest | None:
    """Return the live case of a request; None where it has none. A caller who locks it has locked the request."""
    statement = select(UrgentRequest).where(
        UrgentRequest.request_id == request_id, UrgentRequest.state.in_(LIVE_URGENT_STATES)
    )
    return session.scalar(statement.with_for_update(of=UrgentRequest) if lock else statement)


def own_case(session: Session, account_id: UUID, request_reference: str) -> UrgentRequest:
    """Return the live case of one's own request, both locked; raises NotFoundError."""
    request = session.scalar(
        select(Request)
        .where(Request.reference == request_reference, Request.account_id == account_id)
        .with_for_update(of=Request)
    )
    case = live_case(session, request.id, lock=True) if request is not None else None
    if case is None:
        raise NotFoundError
    return case


def keep_decision(
    session: Session,
    core: Core,
    *,
    case: UrgentRequest,
    officer: Account,
    act: UrgentAct,
    reason: str,
    note: str,
    slot_id: int | None = None,
    position: int | None = None,
    details: Json | None = None,
) -> UrgentDecision:
    """Keep a decision with its reason code and note in the case's history; `record_decision` follows.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note.
    """
    note, errors = check_reason(act, reason, note)
    if errors:
        raise InvalidInputError(errors)
    decision = UrgentDecision(
        urgent_request_id=case.id,
        officer_id=officer.id,
        act=act,
        position=position,
        slot_id=slot_id,
        reason_code=reason,
        note=note,
        details=details or {},
        at=core.clock.now(),
    )
    session.add(decision)
    session.flush()
    return decision


def record_decision(
    session: Session, core: Core, case: UrgentRequest, officer: Account, decision: UrgentDecision
) -> None:
    """Append a decision to the audit log, and an approval's hash there to the public one.

    Whoever also takes places or gives them back does that first: a draw and a change of quotas lock places, and then
    the log.
    """
    position = {"position": decision.position} if decision.position else {}
    entry = record(
        URGENT,
        session,
        core,
        case=case,
        officer=officer,
        action=decision.act.value,
        details={"reason": decision.reason_code, "note": decision.note, **decision.details, **position},
    )
    if decision.act is UrgentAct.APPROVAL:
        body = {"entry": entry.sequence, "hash": entry.hash.hex(), "at": instant(entry.at)}
        append_in(session, "urgent", body, f"{entry.sequence}-{entry.hash.hex()[:16]}")


def decide(
    session: Session,
    core: Core,
    *,
    case: UrgentRequest,
    officer: Account,
    act: UrgentAct,
    reason: str,
    note: str,
    details: Json | None = None,
) -> UrgentDecision:
    """Keep a decision that moves no places, in the case's history and in the audit log; raises as `keep_decision`."""
    decision = keep_decision(
        session, core, case=case, officer=officer, act=act, reason=reason, note=note, details=details
    )
    record_decision(session, core, case, officer, decision)
    return decision
