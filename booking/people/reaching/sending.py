"""Send letters by threads of this process: what goes to one address in its order, none for longer than a batch may."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Final, NamedTuple, Self

import structlog

from booking.people.reaching.carrier import Carrier, CarrierError, Letter
from booking.people.reaching.resting import Resting
from booking.platform.base.message_states import Channel, TryOutcome

_log = structlog.get_logger("mawid.notices")

LEASE: Final = timedelta(minutes=10)
"""A claimed notice whose process was killed is sent again after this."""
SENT_WITHIN: Final = LEASE / 3
"""How long a batch is sent: its rest goes back, and the next one is sent too, before others may take them for a dead
process's."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter with all that its carrier needs; ``key`` is what the gateway knows it by at every try."""

    channel: Channel
    address: str
    letter: Letter
    key: str


class Came(NamedTuple):
    """What came of a parcel; ``outcome`` is None where it was not tried: its channel rests, or time was up."""

    outcome: TryOutcome | None
    milliseconds: int


Ending = Callable[[], Sequence[Came | None]]
"""Waits until a batch was sent; what came of each, in their order, None where nobody knows."""
NOT_TRIED: Final = Came(None, 0)


class Sender:
    """Sends by carriers for one run, so many ``calls`` at a time.

    A channel whose gateway does not answer is ``resting`` for the remainder of the run.
    """

    def __init__(self, carriers: Mapping[Channel, Carrier], resting: Resting, *, calls: int) -> None:
        self._carriers, self._calls, self._pool = carriers, calls, ThreadPoolExecutor(calls)
        self._resting, self._lock = resting, Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def begin(self, parcels: Sequence[Parcel]) -> Ending:
        """Begin to send a batch."""
        began, left, came = time.monotonic(), by_address(parcels), [NOT_TRIED] * len(parcels)

        def send_what_others_leave() -> None:
            while True:
                with self._lock:
                    ours = next(left, ())
                if not ours:
                    return
                for place in ours:
                    came[place] = self._send(parcels[place], began)

        lanes = [self._pool.submit(send_what_others_leave) for _ in range(self._calls)]

        def end() -> Sequence[Came]:
            for lane in lanes:
                lane.result()
            return came

        return end

    def _send(self, parcel: Parcel, began: float) -> Came:
        """Send a parcel of a batch that began to be sent at an instant of `time.monotonic`."""
        begins, outcome = time.monotonic(), TryOutcome.SENT
        if self._resting.is_resting(parcel.channel) or begins - began > SENT_WITHIN.total_seconds():
            return NOT_TRIED
        try:
            self._carriers[parcel.channel].send(parcel.address, parcel.letter, parcel.key)
        except CarrierError as error:
            outcome = error.outcome
        except Exception as error:  # noqa: BLE001 - one notice must not keep back the others
            _log.error("a carrier failed", channel=parcel.channel.value, error=type(error).__name__)
            outcome = TryOutcome.UNAVAILABLE
        self._resting.note(parcel.channel, outcome)
        return Came(outcome, round((time.monotonic() - begins) * 1000))


def by_address(parcels: Iterable[Parcel]) -> Iterator[Sequence[int]]:
    """Return the places of what goes to each address, in their order: one thread sends it, one after the other."""
    places: dict[str, list[int]] = {}
    for place, parcel in enumerate(parcels):
        places.setdefault(parcel.address, []).append(place)
    return iter(places.values())
