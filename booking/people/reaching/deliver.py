"""Send written notices: claim some, send them outside any transaction, keep what came of it. At least once each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import DateTime, SmallInteger, String, Uuid, select, text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import read_phone
from booking.people.reaching.carrier import Carrier
from booking.people.reaching.carriers import addresses_of, carriers_of
from booking.people.reaching.notice_text import SILENCEABLE, Particulars, letter_for, read_particulars, templates
from booking.people.reaching.recipients import Reader, read_readers
from booking.people.reaching.senders import LEASE, Came, Parcel, Resting, Sender, Senders
from booking.platform.base.arrays import any_of, array_of, insert_rows
from booking.platform.base.message_states import Channel, MessageState, TryOutcome
from booking.platform.models import Delivery, Message
from booking.platform.models.accounts.reaching import DUE

_WRITE_BACK: Final = text(
    """
    UPDATE message
    SET state = now.state, tries = now.tries, next_at = now.next_at, sent_at = now.sent_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:tries AS smallint[]),
                CAST(:next_at AS timestamptz[]), CAST(:sent_at AS timestamptz[]))
         AS now(id, state, tries, next_at, sent_at)
    WHERE message.id = now.id
    """
)
_IDS: Final = array_of(Uuid())
_WORDS: Final = array_of(String())
_NUMBERS: Final = array_of(SmallInteger())
_INSTANTS: Final = array_of(DateTime())


def write_back(session: Session, messages: Sequence[Message]) -> None:
    """Write what became of notices that no session holds, and whose rows the caller has locked."""
    if messages:
        values = {
            "ids": _IDS([one.id for one in messages]),
            "states": _WORDS([one.state.value for one in messages]),
            "tries": _NUMBERS([one.tries for one in messages]),
            "next_at": _INSTANTS([one.next_at for one in messages]),
            "sent_at": _INSTANTS([one.sent_at for one in messages]),
        }
        session.execute(_WRITE_BACK, values)


def lock_waiting(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Lock the notices that still wait, in one order; return which these are.

    Who was slow finds those settled that another process took for a dead one's, and leaves them so.
    """
    waiting = Message.id == any_of(ids, Uuid), Message.state == MessageState.WAITING
    return set(session.scalars(select(Message.id).where(*waiting).order_by(Message.id).with_for_update()))


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


PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5))
"""After the first and the second try of a channel."""
ROUND_PAUSES: Final = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""After each round through all channels but the last."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a claimed notice, as `booking.people.reaching.senders.Came` has it."""

    claimed: Claimed
    outcome: TryOutcome | None
    milliseconds: int


def deliver_one(core: Core, message_id: str, carriers: Mapping[Channel, Carrier] | None = None) -> bool:
    """Send one notice unless it was sent; return whether it was sent now."""
    carriers = carriers_of(core.settings) if carriers is None else carriers
    claimed, _ = claim(core, carriers, only=UUID(message_id))
    with Sender(carriers, Resting(), calls=1) as sender:
        end = sender.begin([one.parcel for one in claimed])
        return _keep(core, _tried(claimed, end())) == 1


def deliver_waiting(core: Core, carriers: Mapping[Channel, Carrier] | None = None) -> int:
    """Send all notices that wait and may be sent by now, those due longest first; return how many were sent.

    While one batch is on its way, what came of the one before is kept and the next one is claimed.
    """
    addresses = addresses_of(core.settings) if carriers is None else {}
    carriers = carriers_of(core.settings) if carriers is None else carriers
    sent, done = 0, list[Tried]()
    claimed, seen = claim(core, carriers)
    with Senders(carriers, addresses, calls=core.settings.gateway_calls) as senders:
        while seen:
            sending, was_full = claimed, seen == BATCH
            end = senders.begin([one.parcel for one in sending])
            sent += _keep(core, done)
            claimed, seen = claim(core, carriers) if was_full and not senders.resting.all_rest() else ([], 0)
            done = _tried(sending, end())
        return sent + _keep(core, done)  # before anything is waited for that ends


def _tried(claimed: Sequence[Claimed], came: Sequence[Came | None]) -> list[Tried]:
    """Return what came of each; what nobody knows it of waits until it is taken for a dead process's."""
    return [Tried(one, *each) for one, each in zip(claimed, came, strict=True) if each is not None]


def _keep(core: Core, tried: Sequence[Tried]) -> int:
    """Keep what came of each try; return how many were sent. A notice that waits no more meanwhile is left out."""
    if not tried:
        return 0
    now = core.clock.now()
    with core.sessions.begin() as session:
        there = lock_waiting(session, [one.claimed.message.id for one in tried])
        kept = [one for one in tried if one.claimed.message.id in there]
        for one in kept:
            _note(one, now)
        write_back(session, [one.claimed.message for one in kept])
        insert_rows(
            session,
            Delivery,
            [
                {
                    "message_id": one.claimed.message.id,
                    "channel": one.claimed.parcel.channel,
                    "outcome": one.outcome,
                    "milliseconds": one.milliseconds,
                }
                for one in kept
                if one.outcome is not None
            ],
            at=now,
        )
    return sum(one.outcome is TryOutcome.SENT for one in tried)


def _note(tried: Tried, now: datetime) -> None:
    message = tried.claimed.message
    if tried.outcome is None:
        message.next_at = now + PAUSES[0]
        return
    if tried.outcome is TryOutcome.SENT:
        message.state, message.sent_at, message.next_at = MessageState.SENT, now, None
        return
    message.tries += TRIES - message.tries % TRIES if tried.outcome is TryOutcome.REFUSED else 1
    of_a_round = TRIES * len(tried.claimed.channels)
    rounds, in_this_one = divmod(message.tries, of_a_round)
    refused_for_good = tried.outcome is TryOutcome.REFUSED and of_a_round == TRIES
    if refused_for_good or rounds >= ROUNDS:
        give_up(message, tried.outcome.value)
    elif in_this_one == 0:
        message.next_at = now + ROUND_PAUSES[rounds - 1]
    else:
        used = message.tries % TRIES
        message.next_at = now + PAUSES[used - 1] if used else now
