"""A later roster takes the place of published ones in its own weeks; their other weeks go on counting."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from booking.models import Office, Roster, RosterShift
from booking.models.base import Json
from booking.models.offices.roster import RosterState

_BY_DAY: Final = ("extra_hour", "most")
"""Figures that have an entry for each day; the others are of a whole roster, and not of a part of it."""


def make_room(session: Session, roster: Roster) -> None:
    """End what counts in the weeks of a roster that is about to be published; nobody else publishes meanwhile."""
    office = select(Office.id).where(Office.id == roster.office_id)
    session.execute(office.with_for_update(key_share=True))
    begins, ends = roster.first_day, _end(roster)
    others = session.scalars(
        select(Roster)
        .where(
            Roster.office_id == roster.office_id,
            Roster.state == RosterState.PUBLISHED,
            Roster.first_day < ends,
            Roster.first_day + 7 * Roster.weeks > begins,
        )
        .with_for_update()
    ).all()
    for other in others:
        other.move_to(RosterState.REPLACED)
    session.flush()
    for other in others:
        _keep(session, other, other.first_day, begins)
        _keep(session, other, ends, _end(other))


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
    columns = (RosterShift.day, RosterShift.account_id, RosterShift.shift, RosterShift.changed_at)
    shifts = select(literal(part.id), *columns).where(
        RosterShift.roster_id == other.id, RosterShift.day >= first, RosterShift.day < until
    )
    session.execute(insert(RosterShift).from_select(["roster_id", *(column.key for column in columns)], shifts))


def _figures(other: Roster, first: date, until: date) -> Json:
    days = slice((first - other.first_day).days, (until - other.first_day).days)
    return {name: other.figures[name][days] for name in _BY_DAY if name in other.figures}


def _end(roster: Roster) -> date:
    return roster.first_day + timedelta(days=7 * roster.weeks)
