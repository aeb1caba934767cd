"""Sign in and out. Who works here, or has set up a second factor, signs in by two steps."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from booking import fields, sessions
from booking.accounts import find_account
from booking.attempts import charge
from booking.core import Core
from booking.errors import WrongCredentialsError
from booking.messages import tell
from booking.models import Account
from booking.origin import Origin
from booking.permissions import is_staff
from booking.services import second_factor
from booking.session_data import SessionData
from booking.settings import SecondFactor
from booking.sign_in_errors import (
    AccountClosedError,
    SecondFactorNeededError,
    SecondStepOverError,
    WrongSecondFactorError,
)
from booking.states import Door, Role

SECRET: Final = "second_factor_secret"  # noqa: S105 - the name of a field of a session's form


@dataclass(frozen=True, slots=True)
class Login:
    """A session that has just begun; ``token`` is for the browser's cookie only."""

    token: str
    csrf: str
    account_id: UUID
    roles: frozenset[Role]
    language: str
    door: Door
    office_id: int | None
    phone_confirmed: bool


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The password was right; a session that may only take the second step has begun.

    ``sets_up`` is True for who has no second factor yet.
    """

    token: str
    language: str
    sets_up: bool


def sign_in(core: Core, *, username: str, password: str, origin: Origin, code: str = "", device: str = "") -> Login:
    """Begin a session of an account in one call, with the ``code`` of the second factor where one is needed.

    Raises
    ------
    SecondFactorNeededError
        The account needs a second step, and there is no code or nothing set up.
    WrongSecondFactorError
        The code is wrong.
    WrongCredentialsError, AccountClosedError, TooManyAttemptsError, SessionsUnavailableError
        As `begin_sign_in`.
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
        The two do not belong together; an unknown user name takes the same time.
    AccountClosedError
        They do, but the account is closed.
    TooManyAttemptsError
        From this network or device, or for this account.
    SessionsUnavailableError
        The session store does not answer.
    """
    name = fields.known_username(username)
    charge(core, "signin", origin.subjects(account=name))
    account = _find(core, name)
    typed = fields.typed_password(password)
    # Always compared, whatever is missing: the time taken tells nothing.
    right = core.passwords.matches(typed or "", account.password_hash if account else None)
    if account is None or typed is None or not right:
        raise WrongCredentialsError
    if account.closed_at is not None:
        raise AccountClosedError
    begun = _begin(core, account, device)
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


def take_second_step(core: Core, *, token: str, code: str, origin: Origin) -> Login:
    """Use a code of the authenticator, or a recovery code, and begin the session; the use of the latter is on record.

    Raises
    ------
    SecondStepOverError
        ``token`` is of no session that waits for it (any more).
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    TooManyAttemptsError, SessionsUnavailableError
        From this network or device, or for this account; the store does not answer.
    """
    waiting = _waiting(core, token, origin)
    account_id = waiting.proving
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id)
        used = second_factor.spend(session, core, account_id=account.id, code=code)
        if used == "recovery":
            second_factor.record(session, core, account, "second_factor.recovered")
            tell(session, core, account.id, "recovery_code_used")
    if used is None:
        raise WrongSecondFactorError
    return _end_of_second_step(core, account, token, waiting)


def set_up_second_factor(core: Core, *, token: str, code: str, origin: Origin) -> tuple[Login, list[str]]:
    """Keep the authenticator whose secret the waiting session showed, once it gave a right code; begin the session.

    Returns
    -------
    tuple
        The session, and the recovery codes, which are told this once.

    Raises
    ------
    SecondStepOverError, WrongSecondFactorError, TooManyAttemptsError, SessionsUnavailableError
        As `take_second_step`; over too where another device was set up meanwhile.
    """
    waiting = _waiting(core, token, origin)
    secret = waiting.form.get(SECRET)
    if secret is None:
        raise SecondStepOverError
    step = second_factor.matching_step(secret, code, core.clock.now())
    if step is None:
        raise WrongSecondFactorError
    with core.sessions.begin() as session:
        account = session.get_one(Account, waiting.proving)
        if not second_factor.keep(session, core, account_id=account.id, secret=secret, step=step):
            raise SecondStepOverError
        codes = second_factor.renew_recovery_codes(session, core, account_id=account.id)
        second_factor.record(session, core, account, "second_factor.set_up")
        tell(session, core, account.id, "second_factor_set_up")
    return _end_of_second_step(core, account, token, waiting), codes


def sign_out(core: Core, *, token: str) -> None:
    """End a session; nothing happens when it is over already. Raises SessionsUnavailableError."""
    sessions.delete(core, token)


def _begin(core: Core, account: Account, device: str) -> Login | SecondStep:
    with core.sessions() as session:
        has_factor = second_factor.has_second_factor(session, account.id)
    must = is_staff(account.roles) and core.settings.staff_second_factor is SecondFactor.REQUIRED
    if not (has_factor or must):
        return _login(core, account, device)
    token, data = sessions.create(
        core,
        account_id=None,
        proving=account.id,
        language=account.language,
        door=account.door,
        form={} if has_factor else {SECRET: second_factor.new_secret()},
        device=device,
        lifetime=core.settings.otp_lifetime,
    )
    return SecondStep(token, data.language, sets_up=not has_factor)


def _waiting(core: Core, token: str, origin: Origin) -> SessionData:
    waiting = sessions.read(core, token)
    if waiting is None or waiting.proving is None:
        raise SecondStepOverError
    charge(core, second_factor.ACTION, origin.subjects(account=str(waiting.proving)))
    return waiting


def _end_of_second_step(core: Core, account: Account, token: str, waiting: SessionData) -> Login:
    login = _login(core, account, waiting.device)
    # Whatever ends an account's sessions ended the waiting one too: see `begin_sign_in`.
    if sessions.read(core, token) is None:
        sessions.delete(core, login.token)
        raise SecondStepOverError
    sessions.delete(core, token)
    return login


def _login(core: Core, account: Account, device: str) -> Login:
    token, data = sessions.create(
        core,
        account_id=account.id,
        language=account.language,
        door=account.door,
        roles=account.roles,
        office_id=account.office_id,
        device=device,
    )
    return Login(
        token=token,
        csrf=data.csrf,
        account_id=account.id,
        roles=data.roles,
        language=data.language,
        door=data.door,
        office_id=data.office_id,
        phone_confirmed=account.phone_confirmed_at is not None,
    )


def _find(core: Core, username: str) -> Account | None:
    with core.sessions() as session:
        return find_account(session, username)
