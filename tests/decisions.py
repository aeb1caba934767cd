"""Urgent cases that officers decided some time ago, as rows: hundreds in a moment. The database's guards look on."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from booking.core import Core
from booking.models import Account, Request, Slot, UrgentDecision, UrgentRequest
from booking.references import new_reference
from booking.states import UrgentAct, UrgentState
from tests.country import a_request


def a_requester(core: Core, **changes: object) -> tuple[UUID, UUID]:
    """Somebody with a request: the account's and the request's ids."""
    account, asked = a_request(core, **changes)
    with core.sessions() as session:
        return account, session.scalars(select(Request.id).where(Request.reference == asked.reference)).one()


def decided(
    core: Core,
    officer: UUID,
    who: tuple[UUID, UUID],
    *,
    approved: int = 0,
    denied: int = 0,
    reason: str = "medical",
    at: datetime | None = None,
    took: timedelta = timedelta(hours=4),
) -> list[UUID]:
    """Cases of one request that an officer decided one after the other, a minute apart; their ids."""
    at = at or core.clock.now() - timedelta(days=3)
    account_id, request_id = who
    with core.sessions.begin() as session:
        office_id = session.get_one(Account, officer).office_id
        slot_id = session.scalar(select(Slot.id).where(Slot.office_id == office_id).order_by(Slot.starts_at).limit(1))
        cases = []
        for number in range(approved + denied):
            yes, when = number < approved, at + timedelta(minutes=number)
            case = UrgentRequest(
                reference=new_reference(),
                request_id=request_id,
                account_id=account_id,
                office_id=office_id,
                state=UrgentState.WITHDRAWN if yes else UrgentState.DENIED,
                reason_code=reason,
                severity=3,
                needed_by=when.date(),
                created_at=when - took,
                submitted_at=when - took,
                closed_at=when,
            )
            session.add(case)
            session.flush()
            decision = UrgentDecision(
                urgent_request_id=case.id,
                officer_id=officer,
                act=UrgentAct.APPROVAL if yes else UrgentAct.DENIAL,
                position=1 if yes else None,
                slot_id=slot_id if yes else None,
                reason_code="evidence_is_clear" if yes else "not_urgent",
                note="as it was then",
                at=when,
            )
            session.add(decision)
            cases.append(case.id)
        return cases
