"""The dialogue by text message: one word begins it, digits go on; everything else is a command as before.

Its answers go to the phone that the message names, which somebody may have forged: nobody but its owner reads them, so
only a phone that an account confirmed is answered, and not often.
"""

import re
from typing import Final

from booking.country.core.attempts import attempt
from booking.country.core.core import Core
from booking.country.core.messages import tell_secret
from booking.country.core.origin import By
from booking.country.core.sealed import seal_phone
from booking.country.packs.phone import read_sender
from booking.desk.sms_commands.incoming import take_message
from booking.desk.telephone.call import Call
from booking.desk.telephone.memory import forget, recall
from booking.desk.telephone.screens import MENU
from booking.desk.telephone.talk import ACTION, take_next
from booking.people.accounts.code_limits import ALL
from booking.people.accounts.opening import accounts_of_phone
from booking.platform.base.fields import latin_digits
from booking.platform.base.message_states import Channel
from booking.platform.models import Account

WORDS: Final = frozenset({"menu", "قائمة", "القائمة", "قائمه", "القائمه", "lîste", "liste"})
"""What begins the dialogue, or leads to its menu."""
KIND: Final = "sms_dialogue"
_DIGITS: Final = re.compile(r"[0-9]{1,20}")


def take_sms(core: Core, *, provider_id: str, sender: str, content: str) -> str:
    """Answer a text message: by the dialogue where it is a part of one, else as the command that it is.

    Returns in a word what was done; "dialogue" where a step was answered. See `take_message`.

    Raises
    ------
    CallBusyError
        Another message of this phone's dialogue is being answered.
    SessionsUnavailableError
        What is remembered of dialogues cannot be read.
    """
    call, typed = _call_of(core, sender), latin_digits(content.strip()).casefold()
    if call is None or not (typed in WORDS or _DIGITS.fullmatch(typed)):
        return take_message(core, provider_id=provider_id, sender=sender, content=content)
    memory = recall(core, call)
    awaited = 0 if memory is None else int(memory.shown["digits"])
    if typed not in WORDS and len(typed) > awaited:
        return take_message(core, provider_id=provider_id, sender=sender, content=content)
    if memory is not None and provider_id in memory.answered:
        return "repeated"
    with core.sessions() as session:
        mine = accounts_of_phone(seal_phone(core.vault, call.phone).hash).with_only_columns(Account.id)
        account = session.scalars(mine.limit(1)).first()
    if account is None:
        return "unknown_number"
    if not attempt(core, ACTION, {"phone": call.counted(call.phone), "everyone": ALL}).allowed:
        return "too_many"
    if memory is not None and not awaited:
        forget(core, call)  # it ended: another one begins
    screen = take_next(core, call, (MENU if typed in WORDS else typed) if awaited else None, message=provider_id)
    with core.sessions.begin() as session:
        tell_secret(session, core, account, KIND, screen.text, Channel.SMS)
    return "dialogue"


def _call_of(core: Core, sender: str) -> Call | None:
    """Return the one dialogue that a phone can have by text message; None where there is none to have."""
    phone = read_sender(sender, core.pack.country.phone_region)
    if phone is None or core.pack.dialogue is None:
        return None
    # The name of the call becomes a key in the store: a plain hash of a phone is guessed in seconds.
    name = seal_phone(core.vault, phone).hash.hex()
    return Call(By.SMS, name, phone)
