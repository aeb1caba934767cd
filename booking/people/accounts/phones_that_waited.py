"""Changes of phones that waited long enough, and that nobody stopped: a job makes them."""

from uuid import UUID

from sqlalchemy import select

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.people.accounts.change_phone import apply
from booking.platform.models import Account, PhoneChange


def change_waiting_phones(core: Core) -> int:
    """Change the phones whose wait is over, one transaction each, and end the accounts' sessions; return how many.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer: the rest is done next time.
    """
    due = select(PhoneChange.account_id).where(
        PhoneChange.done_at.is_(None), PhoneChange.stopped_at.is_(None), PhoneChange.holds_at <= core.clock.now()
    )
    with core.sessions() as session:
        accounts = session.scalars(due.order_by(PhoneChange.holds_at)).all()
    return sum(_change(core, account_id) for account_id in accounts)


def _change(core: Core, account_id: UUID) -> bool:
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        still = select(PhoneChange).where(
            PhoneChange.account_id == account.id,
            PhoneChange.done_at.is_(None),
            PhoneChange.stopped_at.is_(None),
            PhoneChange.holds_at <= core.clock.now(),
        )
        change = session.scalar(still.with_for_update())
        if change is None:
            return False
        apply(session, core, account, change)
        sessions.delete_all(core, account.id)
    sessions.delete_all(core, account.id)
    return True
