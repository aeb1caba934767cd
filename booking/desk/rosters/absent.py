"""A morning on which people are absent: the repair of the day, planned by a job, and applied by a supervisor."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.jobqueue import enqueue
from booking.desk.rosters.errors import RosterChangedError
from booking.desk.rosters.question import allowed_on, read_question, staff_columns, staff_of
from booking.desk.rosters.rows import hold_office, locked_repair, roster_of
from booking.platform.base.errors import FieldError, IllegalMoveError, NotFoundError
from booking.platform.models import Account, Office, Roster, RosterRepair, RosterShift
from booking.platform.models.base import Json
from booking.platform.models.offices.roster import RepairState, RosterState

JOB: Final = "repair_roster"


def tell_absent(core: Core, *, officer_id: UUID, absent: Collection[UUID]) -> UUID:
    """Ask for the repair of today: these colleagues do not come. Nothing changes yet; return the repair's id.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    NotFoundError
        The office has no published roster of today.
    FieldError
        Nobody is absent, or somebody has no shift today.
    RosterChangedError
        Another roster of today was published at the same moment.
    """
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.PLAN_ROSTER)
        office = session.get_one(Office, officer.office_id)
        today = local_day(office, core.clock.now())
        hold_office(session, office.id, beside=True)
        roster = roster_of(session, office.id, today)
        if roster is None:
            raise NotFoundError
        session.refresh(roster, with_for_update=True)  # before its repairs, as whoever publishes or applies locks them
        if roster.state is not RosterState.PUBLISHED:
            raise RosterChangedError
        if not absent or not set(absent) <= set(_shifts(session, roster.id, today)):
            raise FieldError("absent", "nobody" if not absent else "unknown")
        session.execute(
            update(RosterRepair)
            .where(
                RosterRepair.roster_id == roster.id,
                RosterRepair.day == today,
                RosterRepair.state.in_([RepairState.ASKED, RepairState.PLANNED]),
            )
            .values(state=RepairState.DROPPED, ended_at=core.clock.now())
        )
        repair = RosterRepair(
            roster_id=roster.id,
            day=today,
            absent=sorted(map(str, absent)),
            asked_by=officer_id,
            asked_at=core.clock.now(),
        )
        session.add(repair)
        session.flush()
        audit.record(
            session, core, officer, "roster.absent", office.code, day=today.isoformat(), people=len(set(absent))
        )
        enqueue(session, JOB, repair_id=str(repair.id))
        return repair.id


def plan(core: Core, repair_id: UUID) -> None:
    """Plan a repair, as a job. Repeating it is harmless."""
    with core.sessions() as session:
        repair = session.get(RosterRepair, repair_id)
        if repair is None or repair.state is not RepairState.ASKED:
            return
        made = _plan(session, core, repair)
    with core.sessions.begin() as session:
        repair = session.scalars(select(RosterRepair).where(RosterRepair.id == repair_id).with_for_update()).one()
        if repair.state is RepairState.ASKED:
            repair.move_to(RepairState.PLANNED)
            repair.plan = made


def apply(core: Core, *, officer_id: UUID, repair_id: UUID) -> None:
    """Change the day's shifts as planned, in one transaction. A second call changes nothing.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of this office.
    NotFoundError
        There is no such repair.
    IllegalMoveError
        It is not planned yet, or was dropped.
    RosterChangedError
        Somebody's shift of the day is another one than when it was planned; or the plan is too old: the day is over, it
        changes what has begun meanwhile, or gives a shift to somebody who left, is on leave, or may not work it.
    """
    with core.sessions.begin() as session:
        officer, roster, repair = locked_repair(session, officer_id, repair_id)
        if repair.state is RepairState.APPLIED:
            return
        if repair.state is not RepairState.PLANNED:
            raise IllegalMoveError(repair.state, RepairState.APPLIED)
        if roster.state is not RosterState.PUBLISHED:
            raise RosterChangedError
        now = core.clock.now()
        _refuse_old(session, core, roster, repair, now)
        current = _shifts(session, roster.id, repair.day)
        for change in repair.plan["changes"]:
            account_id = UUID(change["account"])
            if current.get(account_id, "") != change["was"]:
                raise RosterChangedError
            mine = (
                RosterShift.roster_id == roster.id,
                RosterShift.day == repair.day,
                RosterShift.account_id == account_id,
            )
            if not change["becomes"]:
                session.execute(delete(RosterShift).where(*mine))
                continue
            row = insert(RosterShift).values(
                roster_id=roster.id, day=repair.day, account_id=account_id, shift=change["becomes"], changed_at=now
            )
            session.execute(
                row.on_conflict_do_update(
                    index_elements=["roster_id", "day", "account_id"],
                    set_={"shift": change["becomes"], "changed_at": now},
                )
            )
        repair.move_to(RepairState.APPLIED)
        repair.ended_at = now
        audit.record(
            session,
            core,
            officer,
            "roster.repaired",
            session.get_one(Office, roster.office_id).code,
            day=repair.day.isoformat(),
            changes=len(repair.plan["changes"]),
        )


def _refuse_old(session: Session, core: Core, roster: Roster, repair: RosterRepair, now: datetime) -> None:
    """Raise RosterChangedError where a plan does not fit what is now; who is absent can lose a shift that has begun."""
    office, spec = session.get_one(Office, roster.office_id), core.pack.country.roster
    local = now.astimezone(ZoneInfo(office.time_zone))
    given = {UUID(one["account"]): one for one in repair.plan["changes"] if one["becomes"]}
    people = [one for one in staff_of(session, office.id) if one.id in given]
    if repair.day != local.date() or len(people) < len(given):
        raise RosterChangedError
    columns = staff_columns(session, spec, people, repair.day, 1)
    ids, codes = [one.id for one in people], [one.code for one in spec.shifts]
    allowed = columns.may & allowed_on(session, spec, ids, repair.day, most=columns.most)
    for row, who in enumerate(ids):
        was, becomes = spec.shift(given[who]["was"]), spec.shift(given[who]["becomes"])
        if becomes is None or not allowed[row, codes.index(becomes.code)]:
            raise RosterChangedError
        begun = (local.hour + 1) * 60
        if becomes.at_counters(begun) != ([] if was is None else was.at_counters(begun)):
            raise RosterChangedError


def _shifts(session: Session, roster_id: UUID, day: date) -> dict[UUID, str]:
    rows = session.execute(
        select(RosterShift.account_id, RosterShift.shift).where(
            RosterShift.roster_id == roster_id, RosterShift.day == day
        )
    )
    return {one.account_id: one.shift for one in rows}


def _plan(session: Session, core: Core, repair: RosterRepair) -> Json:
    """Return the changes (account, was, becomes), counters by hour, and which hours stay short of what is booked."""
    from allocation.rostering.repair import Today  # noqa: PLC0415 - the solver is for the worker
    from allocation.rostering.repair import repair as least_change  # noqa: PLC0415 - the same

    roster = session.get_one(Roster, repair.roster_id)
    office, spec = session.get_one(Office, roster.office_id), core.pack.country.roster
    question = read_question(session, core, roster, {})
    row = (repair.day - roster.first_day).days
    codes = [one.code for one in spec.shifts]
    shifts = _shifts(session, roster.id, repair.day)
    absent = set(map(UUID, repair.absent))
    published = np.array([codes.index(shifts[one]) if shifts.get(one) in codes else -1 for one in question.staff])
    per_hour = 60 / core.pack.country.unit_minutes * question.demand.shares
    now = core.clock.now().astimezone(ZoneInfo(office.time_zone))
    begun = now.hour - question.demand.opens + 1 if now.date() == repair.day else 0
    today = Today(
        shifts=question.weeks.shifts,
        shift=published,
        absent=np.array([one in absent for one in question.staff], np.bool_),
        allowed=question.weeks.staff.may[:, row, None]
        & allowed_on(session, spec, question.staff, repair.day, most=question.weeks.staff.most),
        skills=question.weeks.staff.skills,
        booked=np.ceil(question.demand.booked[row] / per_hour).astype(np.int64),
        needs=question.weeks.needs[row],
        now=min(max(begun, 0), question.demand.booked.shape[1]),
    )
    made = least_change(today)
    changed = np.flatnonzero(made.shift != published).tolist()
    names = [*codes, ""]
    return {
        "changes": [
            {
                "account": str(question.staff[who]),
                "was": shifts.get(question.staff[who], ""),
                "becomes": names[int(made.shift[who])],
            }
            for who in changed
        ],
        "opens": question.demand.opens,
        "counters": made.counters.tolist(),
        "short": made.short.tolist(),
        "lacking": made.lacking.sum(axis=1).tolist(),
    }
