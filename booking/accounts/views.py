"""What an account sees of itself."""

from dataclasses import dataclass
from uuid import UUID

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.core.sealed import open_phone
from booking.models import Account
from booking.models.states import Door

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
