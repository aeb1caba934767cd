"""What is read from a secret address: the calendar as it is at this moment."""

import re
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.calendars.entries import NAME, counter_entry, office_entries, own_entry, read, rows
from booking.people.calendars.feeds import hash_of, may_have
from booking.people.calendars.shifts import shift_entries
from booking.people.calendars.writing import Written
from booking.platform.base.errors import NotFoundError
from booking.platform.languages.speech import Speech
from booking.platform.models import Account, Appointment, CalendarFeed, Office, Request
from booking.platform.models.accounts.reaching import FeedKind
from booking.platform.models.requests.appointment import MOVED

OWN_KEPT: Final = timedelta(days=30)
"""How long somebody's appointments stay in their calendar afterwards, given up or not."""
MOST_OWN: Final = 200
DAYS_BEFORE: Final = 1
DAYS_AHEAD: Final = {FeedKind.COUNTER: 2, FeedKind.OFFICE: 14}
"""Whole days of an office beside the present one: each party, for whom the day is prepared; hours, for plans."""
REFRESH: Final = {
    FeedKind.OWN: timedelta(hours=6),
    FeedKind.COUNTER: timedelta(hours=1),
    FeedKind.OFFICE: timedelta(hours=1),
}
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def read_feed(core: Core, *, secret: str, kinds: Collection[FeedKind]) -> Written:
    """Return the calendar of a secret, in its account's language.

    Raises
    ------
    NotFoundError
        No address of these kinds has the secret, or its account is closed or has not the role for it any more; which
        of them, nobody is told.
    """
    if not _SECRET.fullmatch(secret):
        raise NotFoundError
    with core.sessions() as session:
        found = session.execute(
            select(CalendarFeed, Account)
            .join(Account, Account.id == CalendarFeed.account_id)
            .where(CalendarFeed.secret_hash == hash_of(core, secret), CalendarFeed.kind.in_(kinds))
        ).one_or_none()
        if found is None or not may_have(found[1], found[0].kind):
            raise NotFoundError
        feed, account = found
        speech = core.languages.of(account.language)
        written = (
            _own(session, core, account, speech) if feed.kind is FeedKind.OWN else _office(session, core, feed, account)
        )
    if feed.read_on != core.today():
        _note(core, feed)
    return written


def _own(session: Session, core: Core, account: Account, speech: Speech) -> Written:
    # A place that is held for some minutes while somebody decides is nobody's appointment yet.
    given = or_(
        Appointment.confirmed_at.is_not(None),
        Appointment.draw_id.is_not(None),
        Appointment.urgent_request_id.is_not(None),
    )
    recent = Appointment.starts_at >= core.clock.now() - OWN_KEPT
    found = read(session.execute(rows().where(Request.account_id == account.id, recent, given).limit(MOST_OWN)))
    entries = [own_entry(row, speech, base_url=core.settings.base_url) for row in found]
    return Written(speech.choose(NAME), entries, REFRESH[FeedKind.OWN])


def _office(session: Session, core: Core, feed: CalendarFeed, account: Account) -> Written:
    speech, office = core.languages.of(account.language), session.get_one(Office, account.office_id)
    today = core.clock.now().astimezone(ZoneInfo(office.time_zone)).date()
    first, end = (
        datetime.combine(today + timedelta(days=days), time(), ZoneInfo(office.time_zone))
        for days in (-DAYS_BEFORE, DAYS_AHEAD[feed.kind] + 1)
    )
    found = read(
        session.execute(
            rows().where(
                Appointment.office_id == office.id,
                Appointment.starts_at >= first,
                Appointment.starts_at < end,
                Appointment.confirmed_at.is_not(None),
            )
        )
    )
    if feed.kind is FeedKind.COUNTER:
        shifts = shift_entries(session, core, account, office, speech, today=today)
        parties = (counter_entry(row, speech) for row in found)
        entries = sorted([*shifts, *parties], key=lambda entry: entry.starts_at)
    else:
        entries = list(office_entries(found, _moved_away(session, office, first, end), speech))
    return Written(speech.name(office), entries, REFRESH[feed.kind])


def _moved_away(
    session: Session, office: Office, first: datetime, end: datetime
) -> dict[datetime, tuple[int, datetime]]:
    """Return by time how many parties were moved elsewhere, and when the last of them."""
    moved = (
        select(MOVED.c.from_starts_at, func.count(), func.max(MOVED.c.made_at))
        .join(Appointment, Appointment.id == MOVED.c.appointment_id)
        .where(
            MOVED.c.from_office_id == office.id,
            MOVED.c.from_starts_at >= first,
            MOVED.c.from_starts_at < end,
            or_(
                Appointment.starts_at != MOVED.c.from_starts_at,
                Appointment.office_id != MOVED.c.from_office_id,
            ),
        )
        .group_by(MOVED.c.from_starts_at)
    )
    return {at: (count, last) for at, count, last in session.execute(moved)}


def _note(core: Core, feed: CalendarFeed) -> None:
    """Note that somebody read from an address today; one that was replaced meanwhile is passed over."""
    same = CalendarFeed.secret_hash == feed.secret_hash
    with core.sessions.begin() as session:
        session.execute(update(CalendarFeed).where(same).values(read_on=core.today()))
