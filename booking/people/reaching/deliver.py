"""Send written notices: claim some, send them outside any transaction, keep what came of it. At least once each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from booking.country.core.core import Core
from booking.people.reaching.carrier import Carrier
from booking.people.reaching.carriers import addresses_of, carriers_of
from booking.people.reaching.claim import BATCH, ROUNDS, TRIES, Claimed, claim, give_up
from booking.people.reaching.resting import Resting
from booking.people.reaching.rows import lock_waiting, write_back
from booking.people.reaching.senders import Senders
from booking.people.reaching.sending import Came, Sender
from booking.platform.base.arrays import insert_rows
from booking.platform.base.message_states import Channel, MessageState, TryOutcome
from booking.platform.models import Delivery

PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5))
"""After the first and the second try of a channel."""
ROUND_PAUSES: Final = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""After each round through all channels but the last."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a claimed notice, as `booking.people.reaching.sending.Came` has it."""

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
