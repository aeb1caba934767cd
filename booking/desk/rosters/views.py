"""What is seen of rosters: the weeks of an office, one roster day by day, a repair, and everyone's own shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.packs.roster import ShiftSpec
from booking.desk.rosters.make import FIRST_WEEKDAY
from booking.desk.rosters.outdated import Outdated, outdated_shifts
from booking.desk.rosters.question import staff_of
from booking.desk.rosters.replace import first_to_come
from booking.desk.rosters.rows import roster_of
from booking.people.calendars.shifts import AHEAD, published_shifts
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Office, Roster, RosterRepair, RosterShift, StaffLeave, StaffTerms
from booking.platform.models.offices.roster import RosterState

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class OfficeRosters:
    """The latest rosters of an office, and the first Sunday for which one can be asked next."""

    office: Office
    rosters: Sequence[Roster]
    next_first: date


@dataclass(frozen=True, slots=True)
class RosterView:
    """A roster: for each colleague their shifts by day (None: free); ``days`` are those of the roster.

    ``outdated``: the shifts to come that no longer hold; ``can_be_made_again``: its first day is not over.
    """

    office: Office
    roster: Roster
    days: Sequence[date]
    lines: Sequence[tuple[Account, Sequence[RosterShift | None]]]
    outdated: Sequence[Outdated]
    can_be_made_again: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at an office's counters: hours a week, skills, and leave that is not over."""

    account: Account
    week_hours: int
    skills: Sequence[str]
    leave: Sequence[StaffLeave]


@dataclass(frozen=True, slots=True)
class TodayView:
    """Who has a shift today, by user name."""

    office: Office
    day: date
    shifts: Sequence[tuple[Account, str]]


@dataclass(frozen=True, slots=True)
class RepairView:
    """A repair with the user names of those whom it concerns."""

    office: Office
    repair: RosterRepair
    names: Mapping[str, str]

    @property
    def left(self) -> int | None:
        """Return how many counters are left in the worst hour that stays short; None where none does."""
        short = self.repair.plan.get("short", [])
        counters = self.repair.plan.get("counters", [])
        return min((have for have, lack in zip(counters, short, strict=True) if lack), default=None)


@dataclass(frozen=True, slots=True)
class OwnShift:
    """One of somebody's shifts; ``kind`` is None where the pack has it no more."""

    day: date
    code: str
    kind: ShiftSpec | None
    changed: bool


def office_rosters(core: Core, *, officer_id: UUID) -> OfficeRosters:
    """Return the rosters of the supervisor's office, the latest first; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(session, officer_id)
        rosters = session.scalars(
            select(Roster)
            .where(Roster.office_id == office.id, Roster.state != RosterState.DROPPED)
            .order_by(Roster.first_day.desc(), Roster.asked_at.desc())
            .limit(SHOWN)
        ).all()
        today = local_day(office, core.clock.now())
        return OfficeRosters(office, rosters, today + timedelta(days=(FIRST_WEEKDAY - today.weekday()) % 7 or 7))


def roster_view(core: Core, *, officer_id: UUID, roster_id: UUID) -> RosterView:
    """Return a roster of the supervisor's office; raises ForbiddenError and NotFoundError."""
    with core.sessions() as session:
        roster = session.get(Roster, roster_id)
        require(
            session.get(Account, officer_id), Permission.PLAN_ROSTER, office_id=roster.office_id if roster else None
        )
        if roster is None:
            raise NotFoundError
        days = [roster.first_day + timedelta(days=day) for day in range(7 * roster.weeks)]
        shifts: dict[UUID, dict[date, RosterShift]] = {}
        for one in session.scalars(select(RosterShift).where(RosterShift.roster_id == roster_id)):
            shifts.setdefault(one.account_id, {})[one.day] = one
        accounts = {one.id: one for one in staff_of(session, roster.office_id)}
        gone = session.scalars(select(Account).where(Account.id.in_(set(shifts) - set(accounts)))).all()
        lines = [(one, [shifts.get(one.id, {}).get(day) for day in days]) for one in [*accounts.values(), *gone]]
        office = session.get_one(Office, roster.office_id)
        first = first_to_come(core.pack.country.roster, office, core.clock.now())
        counts = roster.state in {RosterState.SOLVED, RosterState.PUBLISHED}
        outdated = outdated_shifts(session, core.pack.country.roster, roster, first) if counts else ()
        again = roster.first_day >= local_day(office, core.clock.now())
        return RosterView(office, roster, days, lines, outdated, again)


def colleagues(core: Core, *, officer_id: UUID) -> Sequence[Colleague]:
    """Return those who serve at the supervisor's office; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(session, officer_id)
        people = staff_of(session, office.id)
        ids, today = [one.id for one in people], local_day(office, core.clock.now())
        terms = {
            one.account_id: one for one in session.scalars(select(StaffTerms).where(StaffTerms.account_id.in_(ids)))
        }
        leave: dict[UUID, list[StaffLeave]] = {}
        for one in session.scalars(
            select(StaffLeave)
            .where(StaffLeave.account_id.in_(ids), StaffLeave.last_day >= today)
            .order_by(StaffLeave.first_day)
        ):
            leave.setdefault(one.account_id, []).append(one)
        usual = core.pack.country.roster.week_minutes
        return [
            Colleague(
                account,
                (terms[account.id].week_minutes if account.id in terms else usual) // 60,
                terms[account.id].skills if account.id in terms else (),
                leave.get(account.id, ()),
            )
            for account in people
        ]


def today_view(core: Core, *, officer_id: UUID) -> TodayView:
    """Return who has a shift today at the supervisor's office; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(session, officer_id)
        today = local_day(office, core.clock.now())
        roster = roster_of(session, office.id, today)
        rows = session.execute(
            select(Account, RosterShift.shift)
            .join(RosterShift, RosterShift.account_id == Account.id)
            .where(RosterShift.roster_id == (roster.id if roster else None), RosterShift.day == today)
            .order_by(Account.username)
        ).all()
        return TodayView(office, today, [(account, shift) for account, shift in rows])


def repair_view(core: Core, *, officer_id: UUID, repair_id: UUID) -> RepairView:
    """Return a repair of the supervisor's office; raises ForbiddenError and NotFoundError."""
    with core.sessions() as session:
        repair = session.get(RosterRepair, repair_id)
        roster = session.get(Roster, repair.roster_id) if repair else None
        require(
            session.get(Account, officer_id), Permission.PLAN_ROSTER, office_id=roster.office_id if roster else None
        )
        if repair is None or roster is None:
            raise NotFoundError
        concerned = {*repair.absent, *(change["account"] for change in repair.plan.get("changes", []))}
        names = session.execute(select(Account.id, Account.username).where(Account.id.in_(map(UUID, concerned))))
        return RepairView(
            session.get_one(Office, roster.office_id), repair, {str(one.id): one.username for one in names}
        )


def own_shifts(core: Core, *, officer_id: UUID) -> Sequence[OwnShift]:
    """Return an officer's published shifts from today on; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
        today = local_day(session.get_one(Office, officer.office_id), core.clock.now())
        return [_own(core, one) for one, _ in published_shifts(session, officer, today, today + AHEAD)]


def _own(core: Core, one: RosterShift) -> OwnShift:
    return OwnShift(one.day, one.shift, core.pack.country.roster.shift(one.shift), one.changed_at is not None)


def _office(session: Session, officer_id: UUID) -> Office:
    officer = require(session.get(Account, officer_id), Permission.PLAN_ROSTER)
    return session.get_one(Office, officer.office_id)
