"""What time does with urgent cases: places that nobody used go back, cases end, evidence is removed.

Urgent cases of an officer who takes leave: to a colleague or back to the queue, on the record.

A case that waits for a second approval is in nobody's hands: it stays where it is, and its first approval stands.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows, require
from booking.country.core.messages import tell
from booking.country.packs.quotas import UrgentLimits
from booking.country.places.rows import pool_for
from booking.country.policy import limits as policy_limits
from booking.people.evidence.retention import remove_files
from booking.people.hands.handling import cases_held, officer_for, record
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError
from booking.platform.models import Account, Office, Request, Slot, SlotPool, UrgentEvidence, UrgentRequest
from booking.platform.models.states import OPEN_URGENT_STATES, Pool, Role, UrgentState
from booking.scheduling.urgent.evidence import evidence_store
from booking.scheduling.urgent.rows import URGENT, live_case

BATCH: Final = 500
FURTHEST_WEST: Final = timedelta(hours=12)
"""No office's day ends later than this after UTC's."""


def return_unused(core: Core) -> int:
    """Hand the free urgent places whose time has come to a later draw or to walk-ins; return how many places."""
    returned = 0
    while True:
        with core.sessions.begin() as session:
            due = _due(session, core)
            for slot_id, day, free in due:
                _move_free(session, slot_id, pool_for(session, day), free)
                returned += free
        if len(due) < BATCH:
            return returned


def lapse_cases(core: Core) -> int:
    """End the open cases whose needed-by day is over at every office; return how many."""
    everywhere = (core.clock.now() - FURTHEST_WEST).date()
    with core.sessions() as session:
        over: list[UUID] = list(
            session.scalars(
                select(UrgentRequest.request_id)
                .where(UrgentRequest.state.in_(OPEN_URGENT_STATES), UrgentRequest.needed_by < everywhere)
                .limit(BATCH)
            )
        )
    ended = 0
    for request_id in over:
        with core.sessions.begin() as session:
            request = session.scalar(
                select(Request).where(Request.id == request_id).with_for_update(of=Request, skip_locked=True)
            )
            case = live_case(session, request_id, lock=True) if request is not None else None
            if request is None or case is None or case.state not in OPEN_URGENT_STATES:
                continue
            case.move_to(UrgentState.LAPSED)
            case.hand_back()
            case.closed_at = core.clock.now()
            tell(session, core, case.account_id, "urgent_lapsed", reference=request.reference)
            ended += 1
    return ended


def remove_old_evidence(core: Core) -> int:
    """Remove the pages of cases closed long ago, and those of uploads that broke off; return how many files of people.

    The row stays, with the file's hash and fingerprints: the same paper in another case can still be recognised.
    """

    def over(session: Session) -> Select[UrgentEvidence]:
        keep = timedelta(days=policy_limits.read(session, UrgentLimits).urgent_evidence_days)
        return (
            select(UrgentEvidence)
            .join(UrgentRequest, UrgentRequest.id == UrgentEvidence.urgent_request_id)
            .where(UrgentRequest.closed_at < core.clock.now() - keep)
        )

    return remove_files(core, evidence_store(core), UrgentEvidence, over)


def _due(session: Session, core: Core) -> list[Row[int, date, int]]:
    """Lock the urgent pools with free places whose time to go back has come, and that are still ahead."""
    limits, now = policy_limits.read(session, UrgentLimits), core.clock.now()
    hour, minute = limits.urgent_return_at.split(":")
    local = Slot.local_day - limits.urgent_return_days + timedelta(hours=int(hour), minutes=int(minute))
    instant = func.timezone(Office.time_zone, local)
    return list(
        session.execute(
            select(Slot.id, Slot.local_day, (SlotPool.places - SlotPool.taken).label("free"))
            .join(Slot, Slot.id == SlotPool.slot_id)
            .join(Office, Office.id == Slot.office_id)
            .where(
                SlotPool.pool == Pool.URGENT,
                SlotPool.taken < SlotPool.places,
                Slot.starts_at > now,
                Slot.local_day <= _latest_day(now, limits.urgent_return_days),
                instant <= literal(now),
            )
            .order_by(Slot.id)
            .limit(BATCH)
            .with_for_update(of=SlotPool, skip_locked=True)
        )
    )


def _latest_day(now: datetime, days: int) -> date:
    """Bound the days that can be due anywhere on the globe, so that an index answers."""
    return (now + timedelta(days=days + 1)).date()


def _move_free(session: Session, slot_id: int, target: Pool, free: int) -> None:
    session.execute(
        update(SlotPool)
        .where(SlotPool.slot_id == slot_id, SlotPool.pool == Pool.URGENT)
        .values(places=SlotPool.places - free)
    )
    session.execute(
        insert(SlotPool)
        .values(slot_id=slot_id, pool=target, places=free, taken=0)
        .on_conflict_do_update(index_elements=["slot_id", "pool"], set_={"places": SlotPool.places + free})
    )


@dataclass(frozen=True, slots=True)
class Hands:
    """An officer of an office, and how many cases are in their hands."""

    account_id: UUID
    username: str
    cases: int


def hands(core: Core, *, officer_id: UUID) -> list[Hands]:
    """List who decides urgent cases at an officer's own office, by name; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.DECIDE_URGENT)
        held = (
            select(UrgentRequest.assigned_to, func.count().label("cases"))
            .where(UrgentRequest.state == UrgentState.ASSIGNED, UrgentRequest.office_id == officer.office_id)
            .group_by(UrgentRequest.assigned_to)
            .subquery()
        )
        rows = session.execute(
            select(Account, func.coalesce(held.c.cases, 0))
            .outerjoin(held, held.c.assigned_to == Account.id)
            .where(Account.office_id == officer.office_id, Account.closed_at.is_(None))
            .order_by(Account.username)
        ).all()
        return [Hands(one.id, one.username, cases) for one, cases in rows if _may(one, Permission.DECIDE_URGENT)]


def hand_over(core: Core, *, by: UUID, held_by: UUID, to: UUID | None, reason: str) -> int:
    """Hand all cases of an officer over to a colleague of the office, or back to the queue; return how many.

    Parameters
    ----------
    by
        The officer themselves, or a supervisor of the office.
    to
        The colleague; None for the queue.

    Raises
    ------
    InvalidInputError
        There is no reason; the colleague is the officer, or may not decide one of the cases, and then none moved.
    ForbiddenError
        ``by`` is neither the officer nor their supervisor.
    """
    reason = fields.words("reason", reason)
    if to == held_by:
        raise InvalidInputError([FieldError("to", "choose_one")])
    with core.sessions.begin() as session:
        actor = require(session.get(Account, by), Permission.DECIDE_URGENT)
        if by != held_by:
            require(actor, Permission.APPROVE_SECOND)
        moved = 0
        for case in cases_held(URGENT, session, held_by):
            officer = officer_for(URGENT, session, by, case, gives_away=True)
            case.move_to(UrgentState.SUBMITTED)
            case.hand_back()
            if to is not None:
                _take(session, case, to, core.clock.now())
            details = {"held_by": str(held_by), "to": None if to is None else str(to), "reason": reason}
            record(URGENT, session, core, case=case, officer=officer, action="handed_over", details=details)
            moved += 1
        return moved


def _take(session: Session, case: UrgentRequest, to: UUID, at: datetime) -> None:
    try:
        colleague = officer_for(URGENT, session, to, case)
        if case.for_supervisor:
            require(colleague, Permission.APPROVE_SECOND, office_id=case.office_id)
    except ForbiddenError:
        raise InvalidInputError([FieldError("to", "may_not_decide")]) from None
    case.move_to(UrgentState.ASSIGNED)
    case.hand_to(to, at)


def _may(account: Account, permission: Permission) -> bool:
    return allows([Role(role) for role in account.roles], account.office_id, permission)
