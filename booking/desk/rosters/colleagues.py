"""What a supervisor keeps of colleagues for rosters: contract, skills, leave. Why somebody is on leave is not kept."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.desk.rosters.rows import hold_office
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, StaffLeave, StaffTerms

LONGEST_LEAVE: Final = 366
"""Days."""


def set_terms(core: Core, *, officer_id: UUID, account_id: UUID, week_hours: int, skills: Collection[str]) -> None:
    """Keep the hours a week of a colleague's contract, and what they can do; rosters that are published know it.

    The pages of rosters that are made already name the shifts that no longer hold.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    NotFoundError
        Nobody of that account serves at this office.
    InvalidInputError
        The hours are too few, or more than the law's longest week; or the pack has no such skill.
    """
    law = core.pack.country.roster
    known, longest = {one.code for one in law.skills}, law.most_week_minutes // 60
    errors = []
    if not 1 <= week_hours <= longest:
        errors.append(FieldError("hours", "not_between", least=1, most=longest))
    if not known.issuperset(skills):
        errors.append(FieldError("skills", "unknown"))
    with core.sessions.begin() as session:
        officer = _supervisor_of(session, officer_id, account_id)
        if errors:
            raise InvalidInputError(errors)
        hold_office(session, officer.office_id, beside=True)
        values = {"week_minutes": week_hours * 60, "skills": sorted(skills)}
        terms = insert(StaffTerms).values(account_id=account_id, **values)
        session.execute(terms.on_conflict_do_update(index_elements=["account_id"], set_=values))
        _record(session, core, officer, "roster.terms", account_id, hours=week_hours)


def add_leave(core: Core, *, officer_id: UUID, account_id: UUID, first_day: date, last_day: date) -> None:
    """Keep that a colleague does not work on some days; rosters that are published from now on know it.

    The pages of those that are published already name the shifts that no longer hold.

    The audit log says that it was kept and for how many days, not for which: it outlasts the account.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    NotFoundError
        Nobody of that account serves at this office.
    FieldError
        The last day is before the first, or too far from it.
    """
    if last_day < first_day:
        raise FieldError("last_day", "ends_before_it_begins")
    if (last_day - first_day).days >= LONGEST_LEAVE:
        raise FieldError("last_day", "too_far")
    with core.sessions.begin() as session:
        officer = _supervisor_of(session, officer_id, account_id)
        hold_office(session, officer.office_id, beside=True)
        session.add(StaffLeave(account_id=account_id, first_day=first_day, last_day=last_day))
        _record(session, core, officer, "roster.leave", account_id, days=(last_day - first_day).days + 1)


def end_leave(core: Core, *, officer_id: UUID, leave_id: UUID) -> None:
    """Take a leave back.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    NotFoundError
        There is no such leave at this office.
    """
    with core.sessions.begin() as session:
        account_id = session.scalar(select(StaffLeave.account_id).where(StaffLeave.id == leave_id))
        if account_id is None:
            raise NotFoundError
        officer = _supervisor_of(session, officer_id, account_id)
        session.execute(delete(StaffLeave).where(StaffLeave.id == leave_id))
        _record(session, core, officer, "roster.leave_ended", account_id)


def _supervisor_of(session: Session, officer_id: UUID, account_id: UUID) -> Account:
    officer = require(session.get(Account, officer_id), Permission.PLAN_ROSTER)
    colleague = session.get(Account, account_id)
    if colleague is None or colleague.office_id != officer.office_id:
        raise NotFoundError
    return officer


def _record(session: Session, core: Core, officer: Account, action: str, account_id: UUID, **details: int) -> None:
    audit.record(session, core, officer, action, str(account_id), **details)
