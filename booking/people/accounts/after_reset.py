"""What a password that came by a code to the phone does not open for some days: the phone is all that was shown.

A phone that is stolen for an hour, or whose number went to somebody else, gives its holder a new password. With that
alone they must not carry the account off to another phone, nor take a copy of everything in it.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.accounts.errors import PhoneAloneError
from booking.people.accounts.phone_waits import days_left
from booking.platform.models import Account, Passkey, SecondFactor


def refuse_phone_alone(session: Session, core: Core, account: Account) -> None:
    """Refuse while nothing but the phone shows that an account is its owner's.

    A second factor from before the new password shows more; one that was set up since does not.

    Raises
    ------
    PhoneAloneError
        The password came by a code to the phone less than `phone_change_wait` ago; it has the days that are left.
    """
    reset_at, now = account.password_reset_at, core.clock.now()
    if reset_at is None or now >= reset_at + core.settings.phone_change_wait:
        return
    older = or_(
        select(SecondFactor).where(SecondFactor.account_id == account.id, SecondFactor.created_at < reset_at).exists(),
        select(Passkey)
        .where(Passkey.account_id == account.id, Passkey.created_at < reset_at, Passkey.copied_at.is_(None))
        .exists(),
    )
    if not session.scalar(select(older)):
        raise PhoneAloneError(days_left(reset_at + core.settings.phone_change_wait, now))
