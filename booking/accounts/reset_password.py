"""Choose a new password with a code sent to the account's phone."""

from uuid import UUID

from booking.accounts.code_limits import charge_secretly
from booking.accounts.codes import Purpose, issue_code, spend_code
from booking.accounts.opening import find_account
from booking.base import fields
from booking.base.errors import FieldError, WrongCodeError
from booking.core import messages, sessions
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.core.sealed import open_phone


def request_reset(core: Core, *, username: str, origin: Origin) -> None:
    """Send a code to the phone of the account, if there is one with this user name; the caller cannot tell.

    Raises
    ------
    TooManyCodesError
        Too many codes for this user name, device or network; a name that nobody has counts alike.
    """
    name = fields.known_username(username)
    with core.sessions() as session:
        account = find_account(session, name)
    if account is None:
        charge_secretly(core, origin=origin, name=name)
        return
    if charge_secretly(core, origin=origin, name=name, phone=open_phone(core.vault, account)):
        with core.sessions.begin() as session:
            issue_code(session, core, account_id=account.id, purpose=Purpose.RESET_PASSWORD)


def reset_password(core: Core, *, username: str, code: str, password: str, origin: Origin) -> None:
    """Set a new password and end every session of the account. The code also proves that the phone is the account's.

    Raises
    ------
    InvalidInputError
        The new password is unusable; the code was not tried.
    WrongCodeError
        The code is wrong, used, too old, or was tried too often; or nobody has the user name.
    TooManyAttemptsError
        Too many were tried from this network or device, or for this user name.
    BusyError
        Too many passwords are being hashed; the code was not tried.
    SessionsUnavailableError
        The session store does not answer, so old sessions could not be ended; the password is the old one.
    """
    name = fields.known_username(username)
    errors: list[FieldError] = []
    with fields.noted(errors):
        password = fields.password(password, username=name)
    fields.raise_all(errors)
    charge(core, "signin", origin.subjects(account=name))
    password_hash = core.passwords.hash(password)  # before the code is tried: an unknown user name takes as long
    account_id = _change(core, name, code, password_hash)
    if account_id is None:
        raise WrongCodeError
    sessions.delete_all(core, account_id)  # those that the old password opened until the commit


def _change(core: Core, name: str, code: str, password_hash: str) -> UUID | None:
    """Spend the code and set the hash in one transaction; return the account's id where the code was right."""
    with core.sessions.begin() as session:
        account = find_account(session, name)
        if account is None:
            return None
        if not spend_code(session, core, account_id=account.id, purpose=Purpose.RESET_PASSWORD, code=code):
            return None
        account.password_hash = password_hash
        account.phone_confirmed_at = account.phone_confirmed_at or core.clock.now()
        messages.tell(session, core, account.id, "password_changed")
        sessions.delete_all(core, account.id)  # before the commit: while the store is down, nothing changes
        return account.id
