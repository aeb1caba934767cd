"""Sign in and out."""

from dataclasses import dataclass
from uuid import UUID

from booking import fields, sessions
from booking.accounts import find_account
from booking.attempts import charge
from booking.core import Core
from booking.errors import WrongCredentialsError
from booking.models import Account
from booking.origin import Origin
from booking.states import Door, Role


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


def sign_in(core: Core, *, username: str, password: str, origin: Origin) -> Login:
    """Begin a session of an account. Its token is always new, so a token known before signing in is worth nothing.

    Raises
    ------
    WrongCredentialsError
        The two do not belong together; an unknown user name takes the same time.
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
    token, session = sessions.create(
        core,
        account_id=account.id,
        language=account.language,
        door=account.door,
        roles=account.roles,
        office_id=account.office_id,
    )
    # A new password ends all sessions after it is committed. One that began with the old password in between is
    # either on that list by now, or the new password is seen here.
    today = _find(core, name)
    if today is None or today.password_hash != account.password_hash:
        sessions.delete(core, token)
        raise WrongCredentialsError
    return Login(
        token=token,
        csrf=session.csrf,
        account_id=account.id,
        roles=session.roles,
        language=session.language,
        door=session.door,
        office_id=session.office_id,
        phone_confirmed=account.phone_confirmed_at is not None,
    )


def sign_out(core: Core, *, token: str) -> None:
    """End a session; nothing happens when it is over already. Raises SessionsUnavailableError."""
    sessions.delete(core, token)


def _find(core: Core, username: str) -> Account | None:
    with core.sessions() as session:
        return find_account(session, username)
