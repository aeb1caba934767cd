"""An officer's own published shifts, as entries of the calendar of their counter."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.calendars.writing import Entry, Status
from booking.platform.languages.speech import Speech
from booking.platform.models import Account, Office, Roster, RosterShift
from booking.platform.models.offices.roster import RosterState

AHEAD: Final = timedelta(days=42)
SHIFT: Final = {"ar": "وردية", "en": "Shift"}


def published_shifts(
    session: Session, officer: Account, first: date, last: date
) -> Sequence[Row[RosterShift, datetime | None]]:
    """Return somebody's published shifts of some days, in their order, each with the instant of its publication.

    Those at an office that they left are not among them.
    """
    return session.execute(
        select(RosterShift, Roster.published_at)
        .join(Roster, Roster.id == RosterShift.roster_id)
        .where(
            Roster.state == RosterState.PUBLISHED,
            Roster.office_id == officer.office_id,
            RosterShift.account_id == officer.id,
            RosterShift.day.between(first, last),
        )
        .order_by(RosterShift.day)
    ).all()


def shift_entries(
    session: Session, core: Core, account: Account, office: Office, speech: Speech, *, today: date
) -> Iterator[Entry]:
    """Yield the shifts of the coming weeks, from yesterday on; kinds that the pack has no more are left out."""
    zone = ZoneInfo(office.time_zone)
    for one, published_at in published_shifts(session, account, today - timedelta(days=1), today + AHEAD):
        kind = core.pack.country.roster.shift(one.shift)
        stamp = one.changed_at or published_at
        if kind is None or stamp is None:
            continue
        yield Entry(
            uid=f"{uuid5(account.id, one.day.isoformat())}@mawid",
            revision=int(stamp.timestamp()) // 60,  # a later roster, or a repair, counts up
            stamp=stamp,
            status=Status.CONFIRMED,
            starts_at=datetime.combine(one.day, kind.starts, zone),
            ends_at=datetime.combine(one.day, kind.ends, zone),
            zone=office.time_zone,
            summary=speech.choose(SHIFT),
            location=speech.name(office),
        )
