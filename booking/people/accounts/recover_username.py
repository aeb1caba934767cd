"""Tell somebody the user names of their phone, by a text message to it; whoever asks learns nothing else."""

from typing import Final

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.country.core.messages import tell_secret
from booking.country.core.register import seal_phone
from booking.country.core.security import Origin
from booking.country.packs.phone import normalise_phone
from booking.people.accounts.codes import charge_request_or_long, may_send, may_send_long
from booking.people.accounts.opening import accounts_of_phone
from booking.platform.base import fields
from booking.platform.base.errors import FieldError

TELL: Final = "tell_usernames"
"""The job that `tell_usernames` does."""

MOST: Final = 5
"""User names in one message; a shop has more, and its people know them."""

_ABOUT: Final = "phone whose user names were asked for"


def request_usernames(core: Core, *, phone: str, origin: Origin) -> None:
    """Have the user names of a phone sent to it. The caller cannot tell whether it has any: a job finds out.

    Raises
    ------
    InvalidInputError
        ``phone`` is not a phone number that receives messages.
    TooManyCodesError
        Too many messages were asked for from this network or device.
    """
    errors: list[FieldError] = []
    with fields.noted(errors):
        phone = normalise_phone(fields.number("phone", phone), core.pack.country.phone_region)
    fields.raise_all(errors)
    charge_request_or_long(core, origin=origin, subject=phone)
    with core.sessions.begin() as session:
        enqueue(session, TELL, phone=core.vault.encrypt(phone, _ABOUT).hex())


def tell_usernames(core: Core, phone: str) -> None:
    """Send the user names of the sealed phone to it, where it has any and may get a message."""
    number = core.vault.decrypt(bytes.fromhex(phone), _ABOUT)
    with core.sessions() as session:
        found = session.scalars(accounts_of_phone(seal_phone(core.vault, number).hash).limit(MOST)).all()
    if not found or not (may_send(core, phone=number) or may_send_long(core, phone=f"user names of {number}")):
        return
    with core.sessions.begin() as session:
        tell_secret(session, core, found[0].id, "usernames", ", ".join(sorted(account.username for account in found)))
