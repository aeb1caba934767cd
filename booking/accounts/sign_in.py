"""Sign in and out. Staff, and anyone who has set up a second factor, sign in by two steps."""

from booking.accounts.begin_session import Login, SecondStep, begin
from booking.accounts.errors import AccountClosedError, ClosedByOwnerError, SecondFactorNeededError
from booking.accounts.opening import find_account
from booking.accounts.second_step import take_second_step
from booking.base import fields
from booking.base.errors import WrongCredentialsError
from booking.core import sessions
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.models import Account


def sign_in(core: Core, *, username: str, password: str, origin: Origin, code: str = "", device: str = "") -> Login:
    """Begin a session of an account in one call, with the ``code`` of the second factor where one is needed.

    Raises
    ------
    SecondFactorNeededError
        The account needs a second step, and there is no code or nothing set up.
    WrongSecondFactorError
        The code is wrong; a passkey cannot be sent this way.
    WrongCredentialsError
        User name and password do not belong together, or the account changed meanwhile.
    AccountClosedError
        User name and password belong together, but the account is closed.
    SecondStepOverError
        The account's sessions were ended between the two steps.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    SessionsUnavailableError
        The session store does not answer.
    """
    begun = begin_sign_in(core, username=username, password=password, origin=origin, device=device)
    if isinstance(begun, Login):
        return begun
    try:
        if begun.sets_up or not code:
            raise SecondFactorNeededError
        return take_second_step(core, token=begun.token, code=code, origin=origin)
    finally:
        sessions.delete(core, begun.token)


def begin_sign_in(core: Core, *, username: str, password: str, origin: Origin, device: str = "") -> Login | SecondStep:
    """Check the password; begin a session, or the second step. The token is always new, so an old one is worth nothing.

    Parameters
    ----------
    device
        Words by which the owner knows the device again, for the list of sessions.

    Raises
    ------
    WrongCredentialsError
        User name and password do not belong together, or the account changed meanwhile; an unknown user name takes the
        same time.
    AccountClosedError
        User name and password belong together, but the account is closed.
    TooManyAttemptsError
        Too many were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    SessionsUnavailableError
        The session store does not answer.
    """
    name = fields.known_username(username)
    charge(core, "signin", origin.subjects(account=name))
    account = _find(core, name)
    typed = fields.typed_password(password)
    # Always compared, whatever is missing: the time taken gives nothing away.
    right = core.passwords.matches(typed or "", account.password_hash if account else None)
    if account is None or typed is None or not right:
        raise WrongCredentialsError
    if account.closed_at is not None:
        raise ClosedByOwnerError if account.closed_by_owner else AccountClosedError
    begun = begin(core, account, device)
    # A new password or an administrator ends all sessions after the change is committed. One that began in between is
    # either on that list by now, or the change is seen here.
    today = _find(core, name)
    if today is None or (today.password_hash, today.roles, today.closed_at) != (
        account.password_hash,
        account.roles,
        None,
    ):
        sessions.delete(core, begun.token)
        raise WrongCredentialsError
    return begun


def sign_out(core: Core, *, token: str) -> None:
    """End a session; nothing happens when it is over already. Raises SessionsUnavailableError."""
    sessions.delete(core, token)


def _find(core: Core, username: str) -> Account | None:
    with core.sessions() as session:
        return find_account(session, username)
