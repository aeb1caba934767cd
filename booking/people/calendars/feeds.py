"""Secret addresses of calendars: made, taken back, and who may have which."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell, told_lately
from booking.country.core.permissions import Permission, allows, is_staff
from booking.platform.base.errors import ForbiddenError
from booking.platform.models import Account, CalendarFeed
from booking.platform.models.accounts.reaching import FeedKind
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
