"""Rosters and their shifts, in the caller's session."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, cast, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Office, Roster, RosterRepair, RosterShift
from booking.platform.models.offices.roster import RepairState, RosterState


def roster_of(session: Session, office_id: int, day: date) -> Roster | None:
    """Return the published roster of an office that has a day; None where there is none."""
    return session.scalar(
        select(Roster).where(
            Roster.office_id == office_id,
            Roster.state == RosterState.PUBLISHED,
            Roster.first_day <= day,
            Roster.first_day + 7 * Roster.weeks > day,
        )
    )


def shifts_between(session: Session, ids: Sequence[UUID], first: date, last: date) -> Mapping[UUID, Mapping[date, str]]:
    """Return the published shifts of some people, at whichever office, on the days from ``first`` to ``last``."""
    rows = session.execute(
        select(RosterShift.account_id, RosterShift.day, RosterShift.shift)
        .join(Roster, Roster.id == RosterShift.roster_id)
        .where(
            Roster.state == RosterState.PUBLISHED,
            RosterShift.account_id.in_(ids),
            RosterShift.day.between(first, last),
        )
    )
    shifts: dict[UUID, dict[date, str]] = {}
    for account_id, day, shift in rows:
        shifts.setdefault(account_id, {})[day] = shift
    return shifts


def absent_from(session: Session, office_id: int, first: date) -> set[tuple[UUID, date]]:
    """Return who was said to be absent from an office on which day, from a day on, whatever roster counts there now."""
    rows = session.execute(
        select(RosterRepair.absent, RosterRepair.day)
        .join(Roster, Roster.id == RosterRepair.roster_id)
        .where(
            Roster.office_id == office_id,
            RosterRepair.day >= first,
            RosterRepair.state != RepairState.DROPPED,
        )
    )
    return {(UUID(who), day) for absent, day in rows for who in absent}


def hold_office(session: Session, office_id: int | None, *, beside: bool = False) -> None:
    """Let nobody publish a roster of an office until the transaction ends; ``beside`` others who say who is away.

    Before any roster of the office is locked, save the one that is about to be published.
    """
    office = select(Office.id).where(Office.id == office_id)
    session.execute(office.with_for_update(read=True) if beside else office.with_for_update(key_share=True))


def locked(session: Session, officer_id: UUID, roster_id: UUID | None) -> tuple[Account, Roster]:
    """Return the supervisor and the roster of their office, locked; raises ForbiddenError and NotFoundError."""
    roster = session.scalars(select(Roster).where(Roster.id == roster_id).with_for_update()).one_or_none()
    office_id = None if roster is None else roster.office_id
    officer = require(session.get(Account, officer_id), Permission.PLAN_ROSTER, office_id=office_id)
    if roster is None:
        raise NotFoundError
    return officer, roster


def locked_repair(session: Session, officer_id: UUID, repair_id: UUID) -> tuple[Account, Roster, RosterRepair]:
    """Return the supervisor, the roster and the repair, locked in this order; raises ForbiddenError, NotFoundError."""
    roster_id = session.scalar(select(RosterRepair.roster_id).where(RosterRepair.id == repair_id))
    officer, roster = locked(session, officer_id, roster_id)
    repair = session.scalars(select(RosterRepair).where(RosterRepair.id == repair_id).with_for_update()).one_or_none()
    if repair is None:
        raise NotFoundError
    return officer, roster, repair


KEPT: Final = timedelta(days=30)
"""After the day: until then somebody may ask why their shift was another one."""


def forget_absences(core: Core) -> int:
    """Forget who was absent, and whose shift changed because of it, on days long over; return of how many repairs.

    How many counters there were stays, and the shifts as they were worked.
    """
    nobody = cast([], JSONB)
    over = RosterRepair.day < core.clock.now().date() - KEPT
    with core.sessions.begin() as session:
        done: CursorResult[Any] = session.execute(  # type: ignore[assignment] # an UPDATE has a count
            update(RosterRepair)
            .where(over, RosterRepair.absent != nobody)
            .values(absent=[], plan=RosterRepair.plan.op("-")("changes"))
        )
        session.execute(
            update(RosterRepair)
            .where(over, RosterRepair.state.in_([RepairState.ASKED, RepairState.PLANNED]))
            .values(state=RepairState.DROPPED, ended_at=core.clock.now())
        )
    return done.rowcount
