"""Which shifts of a roster no longer hold: since it was made somebody went on leave, is absent, left or moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import Account, Roster, RosterShift, StaffLeave
from booking.rosters.question import staff_of
from booking.rosters.rows import absent_from


class Why(StrEnum):
    """Why a shift no longer holds."""

    LEAVE = "leave"
    ABSENT = "absent"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Outdated:
    """A shift that nobody will work: of whom, by user name, on which day, and why."""

    day: date
    username: str
    why: Why


def outdated_shifts(session: Session, roster: Roster, first: date, *, held: bool = False) -> Sequence[Outdated]:
    """Return the shifts of a roster from a day on that no longer hold, by day and user name.

    Parameters
    ----------
    held
        Until the transaction ends nobody of them leaves, moves or gets other roles.
    """
    shifts = session.execute(
        select(RosterShift.account_id, RosterShift.day).where(
            RosterShift.roster_id == roster.id, RosterShift.day >= first
        )
    ).all()
    statement = select(Account).where(Account.id.in_({who for who, _ in shifts})).order_by(Account.id)
    if held:
        statement = statement.with_for_update(read=True).execution_options(populate_existing=True)
    names = {one.id: one.username for one in session.scalars(statement)}
    here = {one.id for one in staff_of(session, roster.office_id)}
    leave, absent = _leave(session, list(names), first), absent_from(session, roster.office_id, first)
    found = []
    for who, day in shifts:
        if who not in here:
            found.append(Outdated(day, names[who], Why.LEFT))
        elif any(one.first_day <= day <= one.last_day for one in leave.get(who, ())):
            found.append(Outdated(day, names[who], Why.LEAVE))
        elif (who, day) in absent:
            found.append(Outdated(day, names[who], Why.ABSENT))
    return sorted(found, key=lambda one: (one.day, one.username))


def _leave(session: Session, ids: Sequence[UUID], first: date) -> Mapping[UUID, Sequence[StaffLeave]]:
    leave: dict[UUID, list[StaffLeave]] = {}
    for one in session.scalars(select(StaffLeave).where(StaffLeave.account_id.in_(ids), StaffLeave.last_day >= first)):
        leave.setdefault(one.account_id, []).append(one)
    return leave
