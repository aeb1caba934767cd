"""What an account sees of itself."""

from dataclasses import dataclass
from uuid import UUID

from booking.country.core.core import Core
from booking.country.core.sealed import open_phone
from booking.people.accounts import passkeys, recovery_codes
from booking.people.accounts.begin_session import must_have_second_factor
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Passkey, SecondFactor
from booking.platform.models.states import Door

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
