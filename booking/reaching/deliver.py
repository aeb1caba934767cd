"""Send written notices: claim some, send them outside any transaction, keep what came of it. At least once each."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.base.message_states import Channel, MessageState, TryOutcome
from booking.core.core import Core
from booking.core.sealed import read_phone
from booking.models import Delivery, Message
from booking.reaching.appointment_words import Particulars, read_particulars
from booking.reaching.carrier import Carrier, CarrierError
from booking.reaching.carriers import carriers_of
from booking.reaching.notice_text import letter_for
from booking.reaching.recipients import Reader, read_readers
from booking.reaching.resting import Resting
from booking.reaching.templates import SILENCEABLE, templates
from booking.reaching.write import Letter

_log = structlog.get_logger("mawid.notices")

BATCH: Final = 200
AT_THE_SAME_TIME: Final = 8
TRIES: Final = 3
"""By each channel, before the next one is tried."""
PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5))
"""After the first and the second try of a channel."""
LEASE: Final = timedelta(minutes=10)
"""A claimed notice whose process was killed is sent again after this."""
WITHOUT_CARRIER: Final = timedelta(minutes=15)
TIME_TO_ACT: Final = timedelta(hours=2)
"""What would leave less than this in the morning is sent at night."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that this process sends now, by one channel; ``channels`` are all that it may use."""

    message_id: UUID
    channel: Channel
    address: str
    letter: Letter
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a claimed notice; ``outcome`` is None where its channel rests and it was not tried."""

    claimed: Claimed
    outcome: TryOutcome | None
    milliseconds: int


def deliver_one(core: Core, message_id: str, carriers: Mapping[Channel, Carrier] | None = None) -> bool:
    """Send one notice unless it was sent; return whether it was sent now."""
    carriers = carriers_of(core.settings) if carriers is None else carriers
    claimed, _ = _claim(core, carriers, only=UUID(message_id))
    return _keep(core, _send(claimed, carriers, Resting())) == 1


def deliver_waiting(core: Core, carriers: Mapping[Channel, Carrier] | None = None) -> int:
    """Send all notices that wait and may be sent by now, oldest first; return how many were sent."""
    carriers = carriers_of(core.settings) if carriers is None else carriers
    resting, sent = Resting(), 0
    while True:
        claimed, seen = _claim(core, carriers)
        sent += _keep(core, _send(claimed, carriers, resting))
        if seen < BATCH:
            return sent


def _claim(core: Core, carriers: Mapping[Channel, Carrier], *, only: UUID | None = None) -> tuple[list[Claimed], int]:
    """Take some notices that are due for this process; settle those not to be sent. Return how many were due."""
    now = core.clock.now()
    due = (
        Message.state == MessageState.WAITING,
        or_(Message.not_before.is_(None), Message.not_before <= now),
        or_(Message.next_at.is_(None), Message.next_at <= now),
    )
    statement = select(Message).where(*due) if only is None else select(Message).where(*due, Message.id == only)
    claimed = []
    with core.sessions.begin() as session:
        waiting = session.scalars(
            statement.order_by(Message.created_at).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        readers = read_readers(session, core, {one.account_id for one in waiting})
        particulars = read_particulars(session, waiting)
        for message in waiting:
            if message.kind not in templates():
                _give_up(message, "no such kind")
                continue
            reader = readers[message.account_id]
            if not _settled(message, reader, particulars.get(message.values.get("reference", "")), now):
                claimed += _claimed(core, message, reader, particulars, carriers)
    return claimed, len(waiting)


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
    now = core.clock.now()
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
    if message.tries >= TRIES * len(channels):
        _give_up(message, "a channel was removed meanwhile")
        return []
    channel = channels[message.tries // TRIES]
    try:
        letter = letter_for(core, message, reader.language, channel, particulars)
    except KeyError as error:
        _give_up(message, f"nothing fills {error}")
        return []
    message.next_at = now + LEASE
    return [Claimed(message.id, channel, reader.addresses[channel], letter, channels)]


def _send(claimed: Sequence[Claimed], carriers: Mapping[Channel, Carrier], resting: Resting) -> list[Tried]:
    def one(each: Claimed) -> Tried:
        if resting.is_resting(each.channel):
            return Tried(each, None, 0)
        began, outcome = time.perf_counter(), TryOutcome.SENT
        try:
            carriers[each.channel].send(each.address, each.letter)
        except CarrierError as error:
            outcome = error.outcome
        except Exception as error:  # noqa: BLE001 - one notice must not keep back the others
            _log.error("a carrier failed", channel=each.channel.value, error=type(error).__name__)
            outcome = TryOutcome.UNAVAILABLE
        resting.note(each.channel, outcome)
        return Tried(each, outcome, round((time.perf_counter() - began) * 1000))

    if len(claimed) <= 1:
        return [one(each) for each in claimed]
    by_address: dict[str, list[Claimed]] = {}
    for each in claimed:
        by_address.setdefault(each.address, []).append(each)
    with ThreadPoolExecutor(AT_THE_SAME_TIME) as pool:  # who gets several reads them in the order of events
        in_turn = pool.map(lambda letters: [one(each) for each in letters], by_address.values())
        return [tried for letters in in_turn for tried in letters]


def _keep(core: Core, tried: Sequence[Tried]) -> int:
    """Keep what came of each try; return how many were sent. A notice that was taken back meanwhile is left out."""
    if not tried:
        return 0
    now = core.clock.now()
    with core.sessions.begin() as session:
        ids = [one.claimed.message_id for one in tried]
        found = session.scalars(select(Message).where(Message.id.in_(ids)).with_for_update())
        messages = {one.id: one for one in found}
        for one in tried:
            if one.claimed.message_id in messages:
                _note(session, messages[one.claimed.message_id], one, now)
    return sum(one.outcome is TryOutcome.SENT for one in tried)


def _note(session: Session, message: Message, tried: Tried, now: datetime) -> None:
    if tried.outcome is None:
        message.next_at = now + PAUSES[0]
        return
    session.add(
        Delivery(
            message_id=message.id,
            channel=tried.claimed.channel,
            outcome=tried.outcome,
            at=now,
            milliseconds=tried.milliseconds,
        )
    )
    if tried.outcome is TryOutcome.SENT:
        message.state, message.sent_at, message.next_at = MessageState.SENT, now, None
        return
    message.tries += TRIES - message.tries % TRIES if tried.outcome is TryOutcome.REFUSED else 1
    if message.tries >= TRIES * len(tried.claimed.channels):
        _give_up(message, tried.outcome.value)
    else:
        used = message.tries % TRIES
        message.next_at = now + PAUSES[used - 1] if used else now


def _give_up(message: Message, why: str) -> None:
    message.state, message.next_at = MessageState.DEAD, None
    _log.error("a notice reaches nobody", message=str(message.id), kind=message.kind, why=why)
