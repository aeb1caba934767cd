"""Change one's password in a session, with the present one."""

from uuid import UUID

from booking.country.core import messages, sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.people.accounts import known_devices
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account


def change_password(core: Core, *, account_id: UUID, token: str, present: str, password: str, origin: Origin) -> None:
    """Set a new password, tell the owner, end all other sessions of the account and forget its other known devices.

    Parameters
    ----------
    token
        Of the session that goes on.

    Raises
    ------
    InvalidInputError
        ``password`` is unusable; or ``present_password`` is not the account's ("wrong_password").
    TooManyAttemptsError
        Too many were tried for this account.
    BusyError
        Too many passwords are being compared or hashed.
    SessionsUnavailableError
        The session store does not answer; the password is the old one.
    """
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
    errors: list[FieldError] = []
    with fields.noted(errors):
        password = fields.password(password, username=account.username)
    fields.raise_all(errors)
    charge(core, "signin_known", {"account": f"change of {account_id}"})
    if not core.passwords.matches(fields.typed_password(present) or "", account.password_hash):
        raise InvalidInputError([FieldError("present_password", "wrong_password")])
    password_hash = core.passwords.hash(password)
    with core.sessions.begin() as session:
        changed = session.get_one(Account, account_id, with_for_update={"key_share": True})
        if changed.password_hash != account.password_hash:  # another change was first, and ended this session too
            raise InvalidInputError([FieldError("present_password", "wrong_password")])
        changed.password_hash = password_hash
        known_devices.forget_for_new_password(session, core, account_id=account_id, token=origin.known)
        messages.tell(session, core, account_id, "password_changed")
        sessions.delete_all(core, account_id, but=token)  # before the commit: while the store is down, nothing changes
    sessions.delete_all(core, account_id, but=token)
