"""A change of phone without the old one: it waits, everybody concerned is told, and the old phone can stop it."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell_everywhere, tell_secret
from booking.people.accounts.errors import NothingWaitsError
from booking.people.accounts.stop_codes import new_stop_code, stop_hash
from booking.platform.models import PhoneChange

_DAY: Final = timedelta(days=1)


def open_change(session: Session, account_id: UUID) -> PhoneChange | None:
    """Return the account's change that is neither done nor stopped, if any."""
    mine = select(PhoneChange).where(PhoneChange.account_id == account_id)
    return session.scalar(mine.where(PhoneChange.done_at.is_(None), PhoneChange.stopped_at.is_(None)))


def days_left(until: datetime, now: datetime) -> int:
    """Return the days until an instant, begun ones counting whole; at least one."""
    return days_of(until - now)


def days_of(wait: timedelta) -> int:
    """Return a wait in days, a begun one counting whole; at least one."""
    return max(1, -(-wait // _DAY))


def begin(session: Session, core: Core, change: PhoneChange) -> None:
    """Let a change wait, in the caller's transaction; the old phone gets what stops it."""
    change.holds_at = core.clock.now() + core.settings.phone_change_wait
    shown, change.stop_hash = new_stop_code(core)
    days = days_left(change.holds_at, core.clock.now())
    tell_secret(session, core, change.account_id, "phone_change_waits", shown, days=days)
    tell_everywhere(session, core, change.account_id, "phone_change_told", days=days)


def stop_by_code_in(session: Session, core: Core, code: str) -> bool:
    """Stop the change whose code this is, in the caller's transaction; False where no change that waits has it."""
    stopping = (
        select(PhoneChange)
        .where(PhoneChange.stop_hash == stop_hash(core, code))
        .where(PhoneChange.done_at.is_(None), PhoneChange.stopped_at.is_(None))
    )
    change = session.scalar(stopping.with_for_update())
    if change is not None:
        _stop(session, core, change)
    return change is not None


def stop(core: Core, *, account_id: UUID) -> None:
    """Stop the account's open change, as its owner may at any time.

    Raises
    ------
    NothingWaitsError
        None is open.
    """
    with core.sessions.begin() as session:
        if not stop_in(session, core, account_id):
            raise NothingWaitsError


def stop_in(session: Session, core: Core, account_id: UUID) -> bool:
    """Stop the account's open change, if any, in the caller's transaction; return whether there was one."""
    change = open_change(session, account_id)
    if change is None:
        return False
    session.refresh(change, with_for_update=True)
    if change.done_at is not None or change.stopped_at is not None:
        return False
    _stop(session, core, change)
    return True


def waiting_until(core: Core, account_id: UUID) -> tuple[bool, datetime | None]:
    """Return whether a change of the account is open, and until when it waits; None where codes finish it."""
    with core.sessions() as session:
        change = open_change(session, account_id)
    return change is not None, None if change is None else change.holds_at


def _stop(session: Session, core: Core, change: PhoneChange) -> None:
    change.stopped_at = core.clock.now()
    if change.holds_at is not None:
        tell_everywhere(session, core, change.account_id, "phone_change_stopped")
