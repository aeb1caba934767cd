"""The session of an account whose owner is known: begun at once, or after the second step."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.people.accounts import second_factor
from booking.platform.base.settings import SecondFactor
from booking.platform.models import Account
from booking.platform.models.states import Door, Role

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
    """The first step was right; a session that may only take the second one has begun.

    ``sets_up`` is True where there is no second factor yet.
    """

    token: str
    language: str
    sets_up: bool


def begin(core: Core, account: Account, device: str) -> Login | SecondStep:
    """Begin the session, or its second step, of an account whose owner gave the password or came from the provider.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    with core.sessions() as session:
        has_factor = second_factor.has_second_factor(session, account.id)
    if not (has_factor or must_have_second_factor(core, account.roles)):
        return log_in(core, account, device)
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


def log_in(core: Core, account: Account, device: str) -> Login:
    """Begin the session of an account that has proven everything it must.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
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


def must_have_second_factor(core: Core, roles: list[str] | frozenset[Role]) -> bool:
    """Return whether an account with these roles signs in by two steps, set up or not."""
    return is_staff(roles) and core.settings.staff_second_factor is SecondFactor.REQUIRED
