"""In a demonstration: let the phone of an account send a text message, as a gateway would pass it on."""

import secrets

from booking.country.core.core import Core
from booking.country.core.sealed import open_phone
from booking.desk.sms_commands.incoming import take_message
from booking.people.accounts.opening import find_account
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.fields import known_username


def send_as(core: Core, *, username: str, content: str) -> str:
    """Send a text message from the phone of an account, and return in a word what was done.

    Raises
    ------
    NotFoundError
        This is not a demonstration: the settings do not show the outbox.
    InvalidInputError
        Nobody has this user name, or nothing was written.
    """
    if not core.settings.show_outbox:
        raise NotFoundError
    if not content.strip():
        raise InvalidInputError([FieldError("message", "missing")])
    with core.sessions() as session:
        account = find_account(session, known_username(username))
    if account is None:
        raise InvalidInputError([FieldError("username", "unknown_username")])
    phone = open_phone(core.vault, account)
    return take_message(core, provider_id=f"rehearsal-{secrets.token_hex(8)}", sender=phone, content=content)
