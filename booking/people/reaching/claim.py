"""Take notices that are due for one process: who reads each, whether it is sent, by which channel, in what words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.core.sealed import read_phone
from booking.people.reaching.appointment_words import Particulars, read_particulars
from booking.people.reaching.carrier import Carrier
from booking.people.reaching.notice_text import letter_for
from booking.people.reaching.recipients import Reader, read_readers
from booking.people.reaching.rows import write_back
from booking.people.reaching.sending import LEASE, Parcel
from booking.people.reaching.templates import SILENCEABLE, templates
from booking.platform.base.message_states import Channel, MessageState
from booking.platform.models import Message
from booking.platform.models.accounts.reaching import DUE

_log = structlog.get_logger("mawid.notices")

BATCH: Final = 1_000
TRIES: Final = 3
"""By each channel, before the next one is tried."""
ROUNDS: Final = 4
"""Through all channels, before a notice is given up: a gateway that answers every second call reaches nearly all."""
WITHOUT_CARRIER: Final = timedelta(minutes=15)
TIME_TO_ACT: Final = timedelta(hours=2)
"""What would leave less than this in the morning is sent at night."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that this process sends now, by one channel; ``channels`` are all that it may use.

    No session holds ``message``.
    """

    message: Message
    parcel: Parcel
    channels: tuple[Channel, ...]


def claim(core: Core, carriers: Mapping[Channel, Carrier], *, only: UUID | None = None) -> tuple[list[Claimed], int]:
    """Take some notices that are due for this process; settle those not to be sent. Return how many were due.

    Those that are due longest come first, in the order in which they were written; of those that one draw wrote at
    one instant, in the order of their random ids: nobody is told first for having asked first.
    """
    now = core.clock.now()
    due = select(Message).where(Message.state == MessageState.WAITING, now >= DUE)
    statement = due if only is None else due.where(Message.id == only)
    claimed: list[Claimed] = []
    with core.sessions.begin() as session:
        waiting = session.scalars(
            statement.order_by(DUE, Message.created_at, Message.id).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        session.expunge_all()
        readers = read_readers(session, core, {one.account_id for one in waiting})
        particulars = read_particulars(session, waiting)
        for message in waiting:
            if message.kind not in templates():
                give_up(message, "no such kind")
                continue
            try:
                claimed += _claimed(core, message, readers[message.account_id], particulars, carriers)
            except Exception as error:  # noqa: BLE001 - a damaged one stands first again and again, before all others
                message.next_at = now + WITHOUT_CARRIER
                _log.error("a notice cannot be read", message=str(message.id), error=type(error).__name__)
        write_back(session, waiting)
    return claimed, len(waiting)


def give_up(message: Message, why: str) -> None:
    """Let a notice be: no channel took it, or nobody knows what it says."""
    message.state, message.next_at = MessageState.DEAD, None
    _log.error("a notice reaches nobody", message=str(message.id), kind=message.kind, why=why)


def _settled(message: Message, reader: Reader, about: Particulars | None, now: datetime) -> bool:
    """Return whether a notice is not to be sent now: never, for it is silenced or of no use, or not at night."""
    template = templates()[message.kind]
    lives = message.values.get("minutes") if message.secret is not None else None
    if template.group in SILENCEABLE & reader.silenced:
        message.state = MessageState.SILENCED
    elif (template.perishable and about is not None and not about.is_to_come(now)) or (
        lives is not None and now >= message.created_at + timedelta(minutes=lives)
    ):
        message.state = MessageState.TOO_LATE
    elif not template.at_once:
        morning = reader.quiet.end_after(now)
        leaves_time = about is None or not about.is_to_come(now) or about.useful_until - TIME_TO_ACT >= (morning or now)
        if morning is None or not leaves_time:
            return False
        message.next_at = morning
    else:
        return False
    return True


def _claimed(
    core: Core,
    message: Message,
    reader: Reader,
    particulars: Mapping[str, Particulars],
    carriers: Mapping[Channel, Carrier],
) -> list[Claimed]:
    """Return a notice that is sent now; none where it was settled."""
    now = core.clock.now()
    if _settled(message, reader, particulars.get(message.values.get("reference", "")), now):
        return []
    wanted = reader.channels(templates()[message.kind].group, message.channel)
    if message.phone_ciphertext is not None:
        phone = read_phone(core.vault, message.phone_ciphertext)
        reader, wanted = replace(reader, addresses={Channel.SMS: phone}), (Channel.SMS,)
    if not reader.addresses:  # who has no phone reads it at the counter
        message.state = MessageState.SILENCED
        return []
    channels = tuple(channel for channel in wanted if channel in carriers)
    if not channels:
        message.next_at = now + WITHOUT_CARRIER
        _log.warning("a notice has no carrier", kind=message.kind, channels=[one.value for one in wanted])
        return []
    if message.tries >= ROUNDS * TRIES * len(channels):
        give_up(message, "a channel was removed meanwhile")
        return []
    channel = channels[message.tries // TRIES % len(channels)]
    try:
        letter = letter_for(core, message, reader.language, channel, particulars)
    except KeyError as error:
        give_up(message, f"nothing fills {error}")
        return []
    message.next_at = now + LEASE
    parcel = Parcel(channel, reader.addresses[channel], letter, f"{message.id}-{channel}")
    return [Claimed(message, parcel, channels)]
