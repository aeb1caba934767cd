"""Answer a call: the one door of the dialogue, for every way by which a phone can speak.

A gateway may pass anything on twice, late, or in the wrong order. What was answered is answered alike, and nothing is
done again; what belongs to another number, or to a call that is over, is told so and changes nothing.

The dialogue by text message: one word begins it, digits go on; everything else is a command as before.

Its answers go to the phone that the message names, which somebody may have forged: nobody but its owner reads them, so
only a phone that an account confirmed is answered, and not often.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from booking.country.core.attempts import attempt
from booking.country.core.core import Core
from booking.country.core.messages import tell_secret
from booking.country.core.register import seal_phone
from booking.country.core.security import By
from booking.country.packs.dialogue import DialogueSpec
from booking.country.packs.phone import read_sender
from booking.desk.sms_commands.incoming import take_message
from booking.desk.telephone.connected import note_call
from booking.desk.telephone.memory import Call, Memory, Screen, alone, forget, keep, recall
from booking.desk.telephone.screens import MENU
from booking.desk.telephone.steps import advance, close, go
from booking.desk.telephone.turn import Turn
from booking.people.accounts.codes import ALL
from booking.people.accounts.opening import accounts_of_phone
from booking.platform.base.errors import NotFoundError
from booking.platform.base.fields import latin_digits
from booking.platform.base.message_states import Channel
from booking.platform.models import Account

ACTION: Final = "telephone"
"""What beginning a call counts as where limits are set."""
_MOST_AT_ONCE: Final = 10
"""Inputs of one message that are new: more were lost than any network loses."""
_MOST_REMEMBERED: Final = 200


def take_all(core: Core, call: Call, inputs: Sequence[str]) -> Screen:
    """Answer a message that holds all inputs of a call so far, as USSD gateways send it; the first one holds none.

    Raises
    ------
    CallBusyError
        Another message of this call is being answered.
    NotFoundError
        The pack has no dialogue.
    SessionsUnavailableError
        What is remembered of calls cannot be read.
    """
    turn = _turn(core, call)
    with alone(core, call):
        memory = recall(core, call)
        if memory is None:
            return _over(turn) if inputs else _begin(turn)
        if not _is_own(turn, memory) or _digest(inputs[: memory.read]) != memory.digest:
            return _over(turn)
        turn.memory, screen = memory, Screen.of(memory.shown)
        new = inputs[memory.read :]
        if len(new) > _MOST_AT_ONCE:
            return _over(turn)
        for typed in new:
            screen = screen if screen.ends else advance(turn, typed)
        memory.read, memory.digest = len(inputs), _digest(inputs)
        return _kept(turn, screen)


def take_next(core: Core, call: Call, typed: str | None, *, message: str) -> Screen:
    """Answer a message that holds the next input of a call alone; None: it begins.

    Parameters
    ----------
    message
        The message's own name: the same one again is answered as before.

    Raises
    ------
    CallBusyError
        Another message of this call is being answered.
    NotFoundError
        The pack has no dialogue.
    SessionsUnavailableError
        What is remembered of calls cannot be read.
    """
    turn = _turn(core, call)
    with alone(core, call):
        memory = recall(core, call)
        if memory is None:
            return _over(turn) if typed is not None else _begin(turn, message)
        if not _is_own(turn, memory):
            return _over(turn)
        turn.memory, screen = memory, Screen.of(memory.shown)
        if message in memory.answered or screen.ends:
            return screen
        memory.answered = [*memory.answered, message][-_MOST_REMEMBERED:]
        return _kept(turn, screen if typed is None else advance(turn, typed))


def _turn(core: Core, call: Call) -> Turn:
    """Return a turn of a call that nothing is remembered of; raises NotFoundError where the pack has no dialogue."""
    dialogue = core.pack.dialogue
    if dialogue is None:
        raise NotFoundError
    phone = read_sender(call.phone, core.pack.country.phone_region) or ""
    hashed = seal_phone(core.vault, phone).hash.hex() if phone else ""
    since = core.clock.now().isoformat()
    return Turn(core, dialogue, call, Memory(hashed, _first_language(core, dialogue), dialogue.first, since), phone)


def _begin(turn: Turn, message: str = "") -> Screen:
    """Begin a call; one of a number that is withheld, or that calls too often, ends with what is wrong."""
    note_call(turn.core, turn.call.by)
    phrases = turn.dialogue.phrases
    if not turn.phone:
        return close(turn, turn.said(phrases.hidden_number))
    if not attempt(turn.core, ACTION, {"phone": turn.call.counted(turn.phone), "everyone": ALL}).allowed:
        return close(turn, turn.said(phrases.too_many))
    turn.memory.answered, turn.memory.digest = [message], _digest(())
    return _kept(turn, go(turn, turn.dialogue.first))


def _kept(turn: Turn, screen: Screen) -> Screen:
    turn.memory.shown = dict(screen.as_dict())
    keep(turn.core, turn.call, turn.memory)
    return screen


def _over(turn: Turn) -> Screen:
    """Say that there is no such call any more; nothing of another one is touched, or told."""
    return close(turn, turn.said(turn.dialogue.phrases.over))


def _is_own(turn: Turn, memory: Memory) -> bool:
    """Return whether the number that calls began the call, and what it showed of its account still counts."""
    if memory.phone != turn.memory.phone:
        return False
    if memory.is_over(turn.core):
        turn.memory.language = memory.language
        forget(turn.core, turn.call)  # by text message a phone has one dialogue, and may begin anew
        return False
    if memory.account_id is None:
        return True
    with turn.core.sessions() as session:
        mine = accounts_of_phone(bytes.fromhex(memory.phone)).with_only_columns(Account.id)
        return memory.account_id in session.scalars(mine).all()


def _first_language(core: Core, dialogue: DialogueSpec) -> str:
    default = core.settings.language
    return default if default in dialogue.languages else dialogue.languages[0]


def _digest(inputs: Sequence[str]) -> str:
    return sha256("*".join(inputs).encode()).hexdigest()


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
