"""Make a roster: asked for by a supervisor, solved by a job, looked at, published or dropped."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from allocation.rostering.roster import Roster as SolvedRoster
from allocation.rostering.roster import covered, extra_hour, minutes, missing, served
from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.jobqueue import enqueue
from booking.desk.rosters.coming import forecast_by_week
from booking.desk.rosters.errors import RosterBeingMadeError, RosterOutdatedError
from booking.desk.rosters.outdated import SKILLED, outdated_shifts
from booking.desk.rosters.question import Question, read_question, require_lawful
from booking.desk.rosters.replace import end_of, first_to_come, make_room
from booking.desk.rosters.rows import hold_office, locked
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError
from booking.platform.models import Account, Office, Roster, RosterShift
from booking.platform.models.base import Json
from booking.platform.models.offices.roster import RosterState

JOB: Final = "make_roster"
MOST_WEEKS: Final = 4
FARTHEST: Final = timedelta(days=60)
FIRST_WEEKDAY: Final = 6
"""Weeks begin on Sunday, as `datetime.date.weekday` counts."""
_log = structlog.get_logger("mawid.rosters")


def ask(core: Core, *, officer_id: UUID, first_day: date, weeks: int) -> UUID:
    """Ask for a roster of the supervisor's office; one of the same days that was not published is replaced.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    InvalidInputError
        The first day is over, too far, or not the first of a week; or there are too few or too many weeks.
    RosterBeingMadeError
        A colleague asked for the same days at the same moment.
    """
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.PLAN_ROSTER)
        office = session.get_one(Office, officer.office_id)
        today = local_day(office, core.clock.now())
        errors = []
        if not today <= first_day <= today + FARTHEST:
            errors.append(FieldError("first_day", "past_day" if first_day < today else "too_far"))
        elif first_day.weekday() != FIRST_WEEKDAY:
            errors.append(FieldError("first_day", "not_first_of_week"))
        if not 1 <= weeks <= MOST_WEEKS:
            errors.append(FieldError("weeks", "not_between", least=1, most=MOST_WEEKS))
        if errors:
            raise InvalidInputError(errors)
        session.execute(
            update(Roster)
            .where(
                Roster.office_id == office.id,
                Roster.first_day == first_day,
                Roster.state.in_([RosterState.ASKED, RosterState.SOLVED]),
            )
            .values(state=RosterState.DROPPED)
        )
        roster = Roster(
            office_id=office.id, first_day=first_day, weeks=weeks, asked_by=officer_id, asked_at=core.clock.now()
        )
        session.add(roster)
        try:
            session.flush()
        except IntegrityError as error:
            raise RosterBeingMadeError from error
        _record(session, core, officer, "roster.asked", office, roster)
        enqueue(session, JOB, roster_id=str(roster.id))
        return roster.id


def make(core: Core, roster_id: UUID) -> None:
    """Solve a roster, as a job. Repeating it is harmless: one that is solved, or was dropped, is left as it is."""
    from allocation.rostering.solve import solve  # noqa: PLC0415 - the solver is for the worker, not for web processes

    with core.sessions() as session:
        roster = session.get(Roster, roster_id)
        if roster is None or roster.state is not RosterState.ASKED:
            return
        question = read_question(session, core, roster, forecast_by_week(core, session, roster))
        first_day = roster.first_day

    def note(share: float) -> None:
        with core.sessions.begin() as session:
            session.execute(update(Roster).where(Roster.id == roster_id).values(share_done=share))

    made = solve(question.weeks, progress=note)
    skilled = {
        skill.code: [question.staff[who].hex for who in question.weeks.staff.skills[:, at].nonzero()[0].tolist()]
        for at, skill in enumerate(core.pack.country.roster.skills)
    }
    rows = [
        {"roster_id": roster_id, "day": first_day + timedelta(days=day), "account_id": account_id, "shift": code}
        for who, account_id in enumerate(question.staff)
        for day, code in enumerate(_codes(core, made.shift[who].tolist()))
        if code is not None
    ]
    with core.sessions.begin() as session:
        roster = session.scalars(select(Roster).where(Roster.id == roster_id).with_for_update()).one()
        if roster.state is not RosterState.ASKED:
            return
        roster.move_to(RosterState.SOLVED)
        roster.solved_at, roster.share_done = core.clock.now(), 1.0
        roster.figures = _figures(question, made) | {SKILLED: skilled}
        session.execute(delete(RosterShift).where(RosterShift.roster_id == roster_id))
        session.add_all(RosterShift(**row) for row in rows)
    _log.info("roster_made", shifts=len(rows), gap=round(made.gap, 4))


def publish(core: Core, *, officer_id: UUID, roster_id: UUID) -> None:
    """Let a solved roster count: officers see their shifts. It takes the place of published ones in its own weeks.

    Days that have begun stay as they were.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of this office.
    NotFoundError
        There is no such roster.
    IllegalMoveError
        It is not solved, was dropped, or its last day has begun.
    RosterOutdatedError
        Since it was made, somebody who has a shift in it went on leave, is absent, left or moved; or has more hours in
        it than their contract lets plan now; or lost a skill that a counter lacks then.
    RosterClashError
        Since it was made, shifts were published around its days beside which it does not keep the law.
    """
    with core.sessions.begin() as session:
        officer, roster = locked(session, officer_id, roster_id)
        if roster.state is RosterState.PUBLISHED:
            return
        office = session.get_one(Office, roster.office_id)
        first = first_to_come(core.pack.country.roster, office, core.clock.now())
        if roster.state is not RosterState.SOLVED or first >= end_of(roster):
            raise IllegalMoveError(roster.state, RosterState.PUBLISHED)
        hold_office(session, office.id)
        if outdated_shifts(session, core.pack.country.roster, roster, first, held=True):
            raise RosterOutdatedError
        make_room(session, roster, first)
        require_lawful(session, core.pack.country.roster, roster, first)
        roster.move_to(RosterState.PUBLISHED)
        roster.published_by, roster.published_at = officer_id, core.clock.now()
        _record(session, core, officer, "roster.published", office, roster)


def drop(core: Core, *, officer_id: UUID, roster_id: UUID) -> None:
    """Give a roster up that is not published.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of this office.
    NotFoundError
        There is no such roster.
    IllegalMoveError
        It is published, or over.
    """
    with core.sessions.begin() as session:
        officer, roster = locked(session, officer_id, roster_id)
        roster.move_to(RosterState.DROPPED)
        _record(session, core, officer, "roster.dropped", session.get_one(Office, roster.office_id), roster)


def _codes(core: Core, shifts: list[int]) -> list[str | None]:
    kinds = core.pack.country.roster.shifts
    return [None if kind < 0 else kinds[kind].code for kind in shifts]


def _figures(question: Question, made: SolvedRoster) -> Json:
    """Return what the solver found, for the page: by day people at counters, and what one more hour would serve."""
    weeks, shift = question.weeks, made.shift
    return {
        "served": round(served(weeks, shift) / question.units_each, 1),
        "asked": round(float(question.demand.drawn.mean(axis=0).sum()) / question.units_each, 1),
        "hours": round(float(minutes(weeks, shift).sum()) / 60, 1),
        "gap": round(made.gap, 4),
        "lacking": int(missing(weeks, shift).sum()),
        "extra_hour": [round(float(each) / question.units_each, 2) for each in extra_hour(weeks, shift)],
        "most": [int(each) for each in covered(weeks, shift).max(axis=1)],
    }


def _record(session: Session, core: Core, officer: Account, action: str, office: Office, roster: Roster) -> None:
    day = roster.first_day.isoformat()
    audit.record(session, core, officer, action, office.code, first_day=day, weeks=roster.weeks)
