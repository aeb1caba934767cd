"""Which shifts of a roster no longer hold: since it was made somebody is away, or their contract or skills changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.packs.roster import RosterSpec
from booking.desk.rosters.question import can, staff_of, week_of
from booking.desk.rosters.rows import absent_from
from booking.platform.models import Account, Roster, RosterShift, StaffLeave, StaffTerms

SKILLED: Final = "skilled"
"""In the figures of a roster: by skill, who had it when the roster was made."""

_Shifts: TypeAlias = Mapping[tuple[UUID, date], str]


class Why(StrEnum):
    """Why a shift no longer holds."""

    LEAVE = "leave"
    ABSENT = "absent"
    LEFT = "left"
    HOURS = "hours"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class Outdated:
    """A shift that nobody will work: of whom, by user name, on which day, and why."""

    day: date
    username: str
    why: Why


def outdated_shifts(
    session: Session, spec: RosterSpec, roster: Roster, first: date, *, held: bool = False
) -> Sequence[Outdated]:
    """Return the shifts of a roster from a day on that no longer hold, by day and user name.

    Of a week with more hours than somebody's contract lets plan now, each of their shifts is named. A skill that was
    lost is named where too few others at counters have it: on the days on which it is missed.

    Parameters
    ----------
    held
        Until the transaction ends nobody of them leaves, moves or gets other roles.
    """
    rows = session.execute(
        select(RosterShift.account_id, RosterShift.day, RosterShift.shift).where(RosterShift.roster_id == roster.id)
    ).all()
    shifts = {(who, day): shift for who, day, shift in rows}
    coming = {(who, day) for who, day in shifts if day >= first}
    statement = select(Account).where(Account.id.in_({who for who, _ in coming})).order_by(Account.id)
    if held:
        statement = statement.with_for_update(read=True).execution_options(populate_existing=True)
    people = {one.id: one for one in session.scalars(statement)}
    here = {one.id for one in staff_of(session, roster.office_id)}
    leave, absent = _leave(session, list(people), first), absent_from(session, roster.office_id, first)
    terms = {one.account_id: one for one in session.scalars(select(StaffTerms).where(StaffTerms.account_id.in_(here)))}
    longer = _longer_weeks(spec, roster, shifts, terms)
    missed = _missed_skills(spec, roster, shifts, {one: people[one] for one in people if one in here}, terms)
    found = []
    for who, day in coming:
        if who not in here:
            why = Why.LEFT
        elif any(one.first_day <= day <= one.last_day for one in leave.get(who, ())):
            why = Why.LEAVE
        elif (who, day) in absent:
            why = Why.ABSENT
        elif (who, _week(roster, day)) in longer:
            why = Why.HOURS
        elif (who, day) in missed:
            why = Why.SKILL
        else:
            continue
        found.append(Outdated(day, people[who].username, why))
    return sorted(found, key=lambda one: (one.day, one.username))


def _week(roster: Roster, day: date) -> int:
    return (day - roster.first_day).days // 7


def _longer_weeks(
    spec: RosterSpec, roster: Roster, shifts: _Shifts, terms: Mapping[UUID, StaffTerms]
) -> set[tuple[UUID, int]]:
    """Return whose weeks of a roster are longer than may be planned for them now."""
    minutes: dict[tuple[UUID, int], int] = {}
    for (who, day), code in shifts.items():
        kind, week = spec.shift(code), (who, _week(roster, day))
        minutes[week] = minutes.get(week, 0) + (0 if kind is None else kind.paid_minutes)
    return {(who, week) for (who, week), sum_ in minutes.items() if sum_ > week_of(spec, terms.get(who))[1]}


def _missed_skills(
    spec: RosterSpec,
    roster: Roster,
    shifts: _Shifts,
    people: Mapping[UUID, Account],
    terms: Mapping[UUID, StaffTerms],
) -> set[tuple[UUID, date]]:
    """Return who lost a skill, and on which of their days too few at counters have it at some time of their shift."""
    found = set()
    for skill in spec.skills:
        had = {UUID(hex=one) for one in roster.figures.get(SKILLED, {}).get(skill.code, ())}
        have = {who for who, account in people.items() if can(account, terms.get(who), skill.code)}
        for who, day in ((who, day) for who, day in shifts if who in had and who in people and who not in have):
            minutes = _minutes(spec, shifts[who, day])
            others = [_minutes(spec, shifts[one, day]) for one in have if (one, day) in shifts]
            if any(sum(minute in other for other in others) < skill.least for minute in minutes):
                found.add((who, day))
    return found


def _minutes(spec: RosterSpec, code: str) -> frozenset[int]:
    kind = spec.shift(code)
    stretches = () if kind is None else kind.at_counters()
    return frozenset(minute for first, until in stretches for minute in range(first, until))


def _leave(session: Session, ids: Sequence[UUID], first: date) -> Mapping[UUID, Sequence[StaffLeave]]:
    leave: dict[UUID, list[StaffLeave]] = {}
    for one in session.scalars(select(StaffLeave).where(StaffLeave.account_id.in_(ids), StaffLeave.last_day >= first)):
        leave.setdefault(one.account_id, []).append(one)
    return leave
