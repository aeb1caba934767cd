"""Send written notices: claim some, send them outside any transaction, keep what came of it. At least once each."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from uuid import UUID

import structlog

from booking.base.arrays import insert_rows
from booking.base.message_states import Channel, MessageState, TryOutcome
from booking.core.core import Core
from booking.models import Delivery
from booking.reaching.carrier import Carrier, CarrierError
from booking.reaching.carriers import carriers_of
from booking.reaching.claim import BATCH, LEASE, ROUNDS, TRIES, Claimed, claim, give_up
from booking.reaching.resting import Resting
from booking.reaching.rows import lock_waiting, write_back

_log = structlog.get_logger("mawid.notices")

PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5))
"""After the first and the second try of a channel."""
ROUND_PAUSES: Final = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""After each round through all channels but the last."""
SENT_WITHIN: Final = LEASE / 3
"""How long a batch is sent: its rest goes back, and the next one is sent too, before others may take them for a dead
process's."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a claimed notice; ``outcome`` is None where it was not tried: its channel rests, or time was up."""

    claimed: Claimed
    outcome: TryOutcome | None
    milliseconds: int


def deliver_one(core: Core, message_id: str, carriers: Mapping[Channel, Carrier] | None = None) -> bool:
    """Send one notice unless it was sent; return whether it was sent now."""
    carriers = carriers_of(core.settings) if carriers is None else carriers
    claimed, _ = claim(core, carriers, only=UUID(message_id))
    sender = _Sender(carriers)
    return _keep(core, [sender.send(each, time.monotonic()) for each in claimed]) == 1


def deliver_waiting(core: Core, carriers: Mapping[Channel, Carrier] | None = None) -> int:
    """Send all notices that wait and may be sent by now, those due longest first; return how many were sent.

    While one batch is on its way, what came of the one before is kept and the next one is claimed.
    """
    carriers = carriers_of(core.settings) if carriers is None else carriers
    sender, sent, done = _Sender(carriers), 0, list[Tried]()
    claimed, seen = claim(core, carriers)
    with ThreadPoolExecutor(core.settings.gateway_calls) as pool:
        while seen:
            letters, was_full = _by_address(claimed), seen == BATCH
            lanes = [
                pool.submit(sender.send_all, letters, time.monotonic()) for _ in range(core.settings.gateway_calls)
            ]
            sent += _keep(core, done)
            claimed, seen = claim(core, carriers) if was_full and not sender.resting.all_rest() else ([], 0)
            done = [tried for lane in lanes for tried in lane.result()]
    return sent + _keep(core, done)


class _Sender:
    """Sends notices by their carriers for one run; channels whose gateway does not answer rest for its remainder."""

    def __init__(self, carriers: Mapping[Channel, Carrier]) -> None:
        self._carriers, self.resting, self._lock = carriers, Resting(), Lock()

    def send_all(self, letters: Iterator[list[Claimed]], began: float) -> list[Tried]:
        """Send what others leave of a batch; what goes to one address in the order of events, by one thread."""
        tried: list[Tried] = []
        while True:
            with self._lock:
                ours = next(letters, [])
            if not ours:
                return tried
            tried += [self.send(each, began) for each in ours]

    def send(self, each: Claimed, began: float) -> Tried:
        """Send a notice of a batch that began to be sent at an instant of `time.monotonic`."""
        begins, outcome = time.monotonic(), TryOutcome.SENT
        if self.resting.is_resting(each.channel) or begins - began > SENT_WITHIN.total_seconds():
            return Tried(each, None, 0)
        try:
            self._carriers[each.channel].send(each.address, each.letter, each.key)
        except CarrierError as error:
            outcome = error.outcome
        except Exception as error:  # noqa: BLE001 - one notice must not keep back the others
            _log.error("a carrier failed", channel=each.channel.value, error=type(error).__name__)
            outcome = TryOutcome.UNAVAILABLE
        self.resting.note(each.channel, outcome)
        return Tried(each, outcome, round((time.monotonic() - begins) * 1000))


def _by_address(claimed: Sequence[Claimed]) -> Iterator[list[Claimed]]:
    by_address: dict[str, list[Claimed]] = {}
    for each in claimed:
        by_address.setdefault(each.address, []).append(each)
    return iter(by_address.values())


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
                    "channel": one.claimed.channel,
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
