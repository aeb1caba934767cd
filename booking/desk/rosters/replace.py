"""A later roster takes the place of published ones on the days of its weeks that have not begun; all else goes on.

Who worked on a day stays as it was, and so does a day on which somebody may be at work already.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from booking.country.packs.fields import minute_of
from booking.country.packs.roster import RosterSpec
from booking.platform.models import Office, Roster, RosterRepair, RosterShift
from booking.platform.models.base import Json
from booking.platform.models.offices.roster import RepairState, RosterState

_BY_DAY: Final = ("extra_hour", "most")
"""Figures that have an entry for each day; the others are of a whole roster, and not of a part of it."""


def first_to_come(spec: RosterSpec, office: Office, now: datetime) -> date:
    """Return the first day of an office that has not begun: on which no kind of shift could have started yet."""
    local = now.astimezone(ZoneInfo(office.time_zone))
    begins = min((minute_of(one.starts) for one in spec.shifts), default=0)
    return local.date() + timedelta(days=local.hour * 60 + local.minute >= begins)


def make_room(session: Session, roster: Roster, first: date) -> None:
    """End what counts in the weeks of a roster that is about to be published.

    Nobody else publishes meanwhile: the caller holds the office (`booking.desk.rosters.rows.hold_office`). Days before
    ``first`` stay as they were: the roster has for them what was published, and nothing of its own.
    """
    begins, ends = roster.first_day, end_of(roster)
    others = session.scalars(
        select(Roster)
        .where(
            Roster.office_id == roster.office_id,
            Roster.state == RosterState.PUBLISHED,
            Roster.first_day < ends,
            Roster.first_day + 7 * Roster.weeks > begins,
        )
        .order_by(Roster.id)
        .with_for_update()
    ).all()
    for other in others:
        other.move_to(RosterState.REPLACED)
    session.flush()
    for other in others:
        _keep(session, other, other.first_day, begins)
        _keep(session, other, ends, end_of(other))
    if begins < first:
        _keep_begun(session, roster, others, first)


def end_of(roster: Roster) -> date:
    """Return the first day after the weeks of a roster."""
    return roster.first_day + timedelta(days=7 * roster.weeks)


def _keep(session: Session, other: Roster, first: date, until: date) -> None:
    """Let some weeks of a roster that was replaced go on counting, as a roster of their own."""
    if first >= until:
        return
    part = Roster(
        office_id=other.office_id,
        first_day=first,
        weeks=(until - first).days // 7,
        state=RosterState.PUBLISHED,
        share_done=1.0,
        figures=_figures(other, first, until),
        asked_by=other.asked_by,
        asked_at=other.asked_at,
        solved_at=other.solved_at,
        published_by=other.published_by,
        published_at=other.published_at,
    )
    session.add(part)
    session.flush()
    _carry_over(session, other.id, part.id, first, until)


def _keep_begun(session: Session, roster: Roster, others: Sequence[Roster], first: date) -> None:
    """Let days that have begun be as they were published; what the solver found of whole weeks holds no more."""
    begun = (first - roster.first_day).days
    session.execute(delete(RosterShift).where(RosterShift.roster_id == roster.id, RosterShift.day < first))
    figures: Json = {name: [0.0] * begun + roster.figures[name][begun:] for name in _BY_DAY if name in roster.figures}
    for other in others:
        since, until = max(other.first_day, roster.first_day), min(end_of(other), first)
        if since < until:
            _carry_over(session, other.id, roster.id, since, until)
            there = slice((since - roster.first_day).days, (until - roster.first_day).days)
            was = _figures(other, since, until)
            for name in figures.keys() & was.keys():
                figures[name][there] = was[name]
    roster.figures = figures


def _carry_over(session: Session, from_id: UUID, to_id: UUID, first: date, until: date) -> None:
    """Let days go on counting in another roster: their shifts, and repairs of them that are not over."""
    columns = (RosterShift.day, RosterShift.account_id, RosterShift.shift, RosterShift.changed_at)
    shifts = select(literal(to_id), *columns).where(
        RosterShift.roster_id == from_id, RosterShift.day >= first, RosterShift.day < until
    )
    session.execute(insert(RosterShift).from_select(["roster_id", *(column.key for column in columns)], shifts))
    session.execute(
        update(RosterRepair)
        .where(
            RosterRepair.roster_id == from_id,
            RosterRepair.day >= first,
            RosterRepair.day < until,
            RosterRepair.state.in_([RepairState.ASKED, RepairState.PLANNED]),
        )
        .values(roster_id=to_id)
    )


def _figures(other: Roster, first: date, until: date) -> Json:
    days = slice((first - other.first_day).days, (until - other.first_day).days)
    return {name: other.figures[name][days] for name in _BY_DAY if name in other.figures}
