"""Urgent cases that officers decided some time ago, as rows: hundreds in a moment. The database's guards look on."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import any_, select

from booking.antifraud.linking.cases import new_case
from booking.country.core.core import Core
from booking.people.evidence.convert import convert
from booking.platform.base.references import new_reference
from booking.platform.models import (
    Account,
    Office,
    Request,
    ReviewCase,
    Slot,
    UrgentDecision,
    UrgentEvidence,
    UrgentRequest,
)
from booking.platform.models.requests.case import CaseKind
from booking.platform.models.states import Role, UrgentAct, UrgentState
from tests.support.country import a_request


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
            decision = UrgentDecision(
                case=case,
                officer_id=officer,
                act=UrgentAct.APPROVAL if yes else UrgentAct.DENIAL,
                position=1 if yes else None,
                slot_id=slot_id if yes else None,
                reason_code="evidence_is_clear" if yes else "not_urgent",
                note="as it was then",
                at=when,
            )
            session.add(decision)
            cases.append(case)
        session.flush()
        return [case.id for case in cases]


def sent(core: Core, who: tuple[UUID, UUID], content: bytes, *, office: str = "damascus") -> str:
    """A case that was sent an hour ago with one paper, whose pages are not kept; its reference."""
    account_id, request_id = who
    when = core.clock.now() - timedelta(hours=1)
    with core.sessions.begin() as session:
        case = UrgentRequest(
            reference=new_reference(),
            request_id=request_id,
            account_id=account_id,
            office_id=session.scalars(select(Office.id).where(Office.code == office)).one(),
            state=UrgentState.WITHDRAWN,
            reason_code="medical",
            severity=3,
            needed_by=when.date(),
            created_at=when,
            submitted_at=when,
            closed_at=when,
            evidence=[
                UrgentEvidence(
                    sha256=sha256(content).digest(),
                    media_type="image/jpeg",
                    size=len(content),
                    pages=1,
                    fingerprints=convert(content)[1],
                    uploaded_by=account_id,
                    uploaded_at=when,
                    removed_at=when,
                )
            ],
        )
        session.add(case)
        return case.reference


def a_question(core: Core, office: str) -> str:
    """An open question for the supervisors of an office about an officer who works elsewhere by now; its reference."""
    evidence = {
        "by": "officer",
        "of": "",
        "since": (core.clock.now() - timedelta(days=90)).isoformat(),
        "decided": 20,
        "approved": 20,
        "compared_decided": 100,
        "compared_approved": 40,
        "probability": 0.4**20,
    }
    with core.sessions.begin() as session:
        officer = session.scalars(select(Account.id).where(any_(Account.roles) == Role.REVIEWER.value).limit(1)).one()
        office_id = session.scalars(select(Office.id).where(Office.code == office)).one()
        row = new_case(core, CaseKind.APPROVALS, (), f"officer:{officer.hex}", evidence)
        session.add(ReviewCase(**row, office_id=office_id, concerns=[officer]))
        return row["reference"]
