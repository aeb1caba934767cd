"""Sign in and out. Staff, and anyone who has set up a second factor, sign in by two steps.

Who forgot the user name may type the phone, where it is one account's alone. Strangers' guesses slow down strangers: a
browser that the account knows has a budget of its own (`booking.people.accounts.known_devices`).
"""

from dataclasses import dataclass
from uuid import UUID

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.register import open_phone
from booking.country.core.security import Origin, reported
from booking.people.accounts import known_devices, passkeys, recovery_codes
from booking.people.accounts.begin_session import Login, SecondStep, begin, must_have_second_factor
from booking.people.accounts.errors import AccountClosedError, ClosedByOwnerError, SecondFactorNeededError
from booking.people.accounts.opening import find_by_name_or_phone, read_phone_or_none
from booking.people.accounts.second_step import take_second_step
from booking.platform.base import fields
from booking.platform.base.errors import NotFoundError, WrongCredentialsError
from booking.platform.models import Account, Passkey, SecondFactor
from booking.platform.models.states import Door


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
    username
        The user name, or the confirmed phone of one account alone.
    device
        Words by which the owner knows the device again, for the list of sessions.

    Raises
    ------
    WrongCredentialsError
        User name and password do not belong together, or the account changed meanwhile. A user name that nobody has, a
        phone that nobody has and one that several accounts have take the same time and get the same answer.
    AccountClosedError
        User name and password belong together, but the account is closed.
    TooManyAttemptsError
        Too many were tried from this network or device, or for this account by strangers; or, where the account knows
        this browser, at this browser.
    BusyError
        Too many passwords are being compared.
    SessionsUnavailableError
        The session store does not answer.
    """
    # A phone counts as the number that it is: in each other spelling of it the tries would begin anew.
    name = read_phone_or_none(core, username) or fields.known_username(username)
    with core.sessions() as session:
        account = find_by_name_or_phone(session, core, username)
        known = account is not None and known_devices.is_known(session, core, account_id=account.id, token=origin.known)
    with reported(core, "sign_in.password", origin, account_id=account.id if account else None):
        known_devices.charge_try(core, "signin", name=name, origin=origin, known=known)
        return _begin(core, account, password, device)


def _begin(core: Core, account: Account | None, password: str, device: str) -> Login | SecondStep:
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
    with core.sessions() as session:
        today = session.get_one(Account, account.id)
    if (today.password_hash, today.roles, today.closed_at) != (account.password_hash, account.roles, None):
        sessions.delete(core, begun.token)
        raise WrongCredentialsError
    return begun


def sign_out(core: Core, *, token: str) -> None:
    """End a session; nothing happens when it is over already. Raises SessionsUnavailableError."""
    sessions.delete(core, token)


SHOWN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its holder sees it; ``phone_ends`` are the last digits of its phone."""

    username: str
    language: str
    door: Door
    roles: tuple[str, ...]
    phone_ends: str
    phone_confirmed: bool


def account_view(core: Core, account_id: UUID) -> AccountView:
    """Return the account; raises NotFoundError."""
    with core.sessions() as session:
        account = session.get(Account, account_id)
    if account is None:
        raise NotFoundError
    return AccountView(
        username=account.username,
        language=account.language,
        door=account.door,
        roles=tuple(account.roles),
        phone_ends=open_phone(core.vault, account)[-SHOWN_DIGITS:],
        phone_confirmed=account.phone_confirmed_at is not None,
    )


def waiting_phone(core: Core, *, account_id: UUID) -> str:
    """Return the phone as it was typed, so that a slip is seen, until it is confirmed; then its last digits alone."""
    with core.sessions() as session:
        account = session.get_one(Account, account_id)
        phone = open_phone(core.vault, account)
    return phone if account.phone_confirmed_at is None else f"…{phone[-SHOWN_DIGITS:]}"


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """The second factor of an account as its owner sees it; ``may_remove`` is False where a role must have it."""

    is_set_up: bool
    app: bool
    passkeys: list[Passkey]
    recovery_codes_left: int
    may_remove: bool


def second_factor_view(core: Core, account_id: UUID) -> SecondFactorView:
    """Return what an account has set up."""
    made = passkeys.list_passkeys(core, account_id)
    with core.sessions() as session:
        app = session.get(SecondFactor, account_id) is not None
        left = recovery_codes.left(session, account_id)
        roles = session.get_one(Account, account_id).roles
    is_set_up = app or bool(made)
    return SecondFactorView(is_set_up, app, made, left, is_set_up and not must_have_second_factor(core, roles))
