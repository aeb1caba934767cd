"""What is read from a secret address: the calendar as it is at this moment."""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows, is_staff
from booking.country.core.messages import tell, told_lately
from booking.people.calendars.shifts import shift_entries
from booking.people.calendars.writing import NAME, Written, counter_entry, office_entries, own_entry, read, rows
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.languages.speech import Speech
from booking.platform.models import Account, Appointment, CalendarFeed, Office, Request
from booking.platform.models.accounts.reaching import FeedKind
from booking.platform.models.requests.appointment import MOVED
from booking.platform.models.states import Role

ABOUT: Final = "calendar feed"
NOTICE: Final = "calendar_made"
UNREAD: Final = timedelta(days=180)
"""An address that nobody has read from for so long ends by itself: its owner has forgotten it, and may have lost it."""
_NEEDS: Final[Mapping[FeedKind, Permission]] = {
    FeedKind.COUNTER: Permission.SERVE_COUNTER,
    FeedKind.OFFICE: Permission.CLOSE_OFFICE,
}
"""What an account must be allowed now, at each reading; for its own appointments it need only be a citizen's."""
OF_STAFF: Final = frozenset(_NEEDS)


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind of calendar that an account may have, and its address as far as it is known; None where it has none."""

    kind: FeedKind
    feed: CalendarFeed | None


def may_have(account: Account, kind: FeedKind) -> bool:
    """Return whether an account may read a kind of calendar: open, and with the role for it."""
    roles = [Role(role) for role in account.roles]
    if account.closed_at is not None:
        return False
    if kind is FeedKind.OWN:
        return Role.CITIZEN in roles
    return account.office_id is not None and allows(roles, account.office_id, _NEEDS[kind])


def list_feeds(core: Core, account_id: UUID) -> list[Offered]:
    """List the kinds that an account may have."""
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
        found = session.scalars(select(CalendarFeed).where(CalendarFeed.account_id == account_id))
        feeds = {one.kind: one for one in found}
        return [Offered(kind, feeds.get(kind)) for kind in FeedKind if may_have(account, kind)]


def make_feed(core: Core, *, account_id: UUID, kind: FeedKind) -> str:
    """Make an address of a kind and return its secret, this once; one that was there before ends.

    A citizen is told, for whoever had their phone for a minute would else read on; a colleague's is in the audit log.

    Raises
    ------
    ForbiddenError
        The account may not have this kind.
    """
    secret = secrets.token_urlsafe(32)
    with core.sessions.begin() as session:
        # Whoever changes roles or a password holds the account, and then takes away what was made before.
        account = session.get(Account, account_id, with_for_update={"key_share": True})
        if account is None or not may_have(account, kind):
            raise ForbiddenError
        values = {"secret_hash": hash_of(core, secret), "created_at": core.clock.now(), "read_on": None}
        made = insert(CalendarFeed).values(account_id=account_id, kind=kind, **values)
        session.execute(made.on_conflict_do_update(constraint="pk_calendar_feed", set_=values))
        if is_staff(account.roles):
            audit.record(session, core, account, "calendar.made", kind.value)
        elif not told_lately(session, core, account_id, NOTICE):
            tell(session, core, account_id, NOTICE)
    return secret


def end_feed(core: Core, *, account_id: UUID, kind: FeedKind) -> None:
    """Take an address back, at once; nothing happens where there is none."""
    with core.sessions.begin() as session:
        mine = delete(CalendarFeed).where(CalendarFeed.account_id == account_id, CalendarFeed.kind == kind)
        ended = session.scalar(mine.returning(CalendarFeed.account_id))
        account = session.get_one(Account, account_id)
        if ended is not None and is_staff(account.roles):
            audit.record(session, core, account, "calendar.ended", kind.value)


def end_all_in(session: Session, account_id: UUID) -> None:
    """Take every address of an account back, in the caller's transaction."""
    session.execute(delete(CalendarFeed).where(CalendarFeed.account_id == account_id))


def end_unread(core: Core) -> int:
    """Take back the addresses that nobody has read from for `UNREAD`; return how many."""
    before = core.clock.now() - UNREAD
    never = CalendarFeed.read_on.is_(None) & (CalendarFeed.created_at < before)
    with core.sessions.begin() as session:
        old = delete(CalendarFeed).where(or_(never, CalendarFeed.read_on < before.date()))
        return len(session.scalars(old.returning(CalendarFeed.account_id)).all())


def hash_of(core: Core, secret: str) -> bytes:
    """Return the keyed hash by which a secret is found."""
    return core.vault.lookup_hash(secret, ABOUT)


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
