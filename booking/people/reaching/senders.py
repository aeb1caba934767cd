"""Who sends in one run: threads of this process and, once thousands were sent, processes of their own instead.

Threads of a process share its interpreter, and calls to gateways are the larger part of a notice. So a long run has
processes that make nothing but calls. This one claims notices and keeps what came of them, as before.
"""

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from mmap import mmap
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Lock
from typing import Final, NamedTuple, Self, cast

import structlog

from booking.people.reaching.carrier import Carrier, CarrierError, Letter
from booking.platform.base.message_states import Channel, TryOutcome
from booking.platform.base.release import processors
from booking.platform.base.settings import PREFIX

IN_A_ROW: Final = 16
"""So many that a gateway which answers every second time hardly ever rests; a dead one is asked for some seconds."""
_NO_ANSWER: Final = frozenset({TryOutcome.UNREACHABLE, TryOutcome.TIMED_OUT, TryOutcome.UNAVAILABLE})
_WIDTH: Final = 4
"""Bytes of a count."""
_PLACES: Final = {channel: place for place, channel in enumerate(Channel)}


class Resting:
    """Counts tries in a row that had no answer, by channel; threads share it, and processes that share its counts.

    Parameters
    ----------
    counts
        One more than such tries for each channel, 0 where it was not tried. Two processes that count at one instant
        may count one: it is then asked once more.
    """

    def __init__(self, counts: MutableSequence[int] | None = None) -> None:
        self._counts, self._lock = [0] * len(Channel) if counts is None else counts, Lock()

    def note(self, channel: Channel, outcome: TryOutcome) -> None:
        """Count a try; an answer of any kind begins anew."""
        place = _PLACES[channel]
        with self._lock:
            self._counts[place] = max(1, self._counts[place]) + 1 if outcome in _NO_ANSWER else 1

    def is_resting(self, channel: Channel) -> bool:
        """Return whether thousands would only wait for a gateway that is away."""
        return self._counts[_PLACES[channel]] > IN_A_ROW

    def all_rest(self) -> bool:
        """Return whether every channel that was tried rests: to claim more of a million would be work for nothing."""
        tried = [count for count in self._counts if count]
        return bool(tried) and min(tried) > IN_A_ROW


def shared_counts(descriptor: int) -> MutableSequence[int]:
    """Return counts that lie in a file, which several processes have open; an empty file begins with zeros."""
    os.truncate(descriptor, _WIDTH * len(Channel))
    return cast("MutableSequence[int]", memoryview(mmap(descriptor, _WIDTH * len(Channel))).cast("I"))


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


LONG_RUN: Final = 3_000
"""Notices after which processes are started: to load what they run takes as long as some thousand calls."""
MOST: Final = 4
"""Processes: the one that claims has no more to give to others."""
_ANSWERS_WITHIN: Final = (LEASE / 2).total_seconds()
"""Seconds for a share, of which one that works sends for less: the next batch must be sent before its lease is over."""
_TAKES_WITHIN: Final = struct.pack("ll", 30, 0)
"""Seconds and microseconds for a process to take its share: what hangs leaves it in the way."""
_ENDS_WITHIN: Final = 5.0
"""Seconds for a process to end that has nobody to work for."""


@dataclass(slots=True)
class _Process:
    """A process that sends, so many calls at a time, at the other end of a pipe; ready once it has loaded all."""

    running: subprocess.Popen[bytes]
    pipe: Connection
    calls: int
    is_ready: bool = False


class Senders:
    """Sends batch after batch, one at a time: so whoever gets several notices gets them in order.

    Parameters
    ----------
    carriers
        By which this process sends.
    addresses
        Of the gateways, for processes that send; empty: there are none.
    calls
        How many gateways take at a time from all of them together.

    Attributes
    ----------
    resting
        Channels whose gateway does not answer, whoever of them asked it.
    """

    def __init__(self, carriers: Mapping[Channel, Carrier], addresses: Mapping[Channel, str], *, calls: int) -> None:
        self._addresses, self._calls, self._stack = addresses, calls, ExitStack()
        self._counts = os.memfd_create("resting", os.MFD_CLOEXEC)
        self._stack.callback(os.close, self._counts)
        self.resting = Resting(shared_counts(self._counts))
        self._here = self._stack.enter_context(Sender(carriers, self.resting, calls=calls))
        self._sent, self._may_start, self._processes = 0, bool(addresses), list[_Process]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self, parcels: Sequence[Parcel]) -> Ending:
        """Begin to send a batch, after the end of the one before; what a process had that dies, nobody knows."""
        self._sent += len(parcels)
        if self._sent > LONG_RUN and self._may_start:
            self._start()
        ready = [one for one in (*self._processes,) if self._is_ready(one)]
        return self._begin_apart(ready, parcels) if ready else self._here.begin(parcels)

    def _start(self) -> None:
        """Start as many processes as there are processors to run them; on one processor none."""
        self._may_start = False
        count = min(processors(), self._calls, MOST)
        for number in range(count if count > 1 else 0):
            calls = self._calls // count + (number < self._calls % count)
            try:
                one = self._started(calls)
            except OSError:
                _log.warning("sender_not_started")
                return
            self._processes.append(one)
            self._stack.callback(_end, one)

    def _started(self, calls: int) -> _Process:
        """Start a process that is given gateways, none of our settings and no database."""
        ours, theirs = Pipe()
        with socket.socket(fileno=os.dup(ours.fileno())) as end:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TAKES_WITHIN)
        with theirs:
            given = theirs.fileno(), self._counts
            running = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "booking.people.reaching.send_apart", *map(str, given)],
                env=_without_settings(os.environ),
                pass_fds=given,
                stdin=subprocess.DEVNULL,
            )
        ours.send((dict(self._addresses), calls))
        return _Process(running, ours, calls)

    def _is_ready(self, one: _Process) -> bool:
        if not one.is_ready and one.pipe.poll():
            one.is_ready = self._hear(one, within=0) is not None
        return one.is_ready

    def _begin_apart(self, ready: Sequence[_Process], parcels: Sequence[Parcel]) -> Ending:
        shares, until = dealt(parcels, [one.calls for one in ready]), time.monotonic() + _ANSWERS_WITHIN
        for one, share in zip(ready, shares, strict=True):
            with suppress(OSError):  # it is dead or hangs, which is heard below
                one.pipe.send([parcels[place] for place in share])

        def end() -> Sequence[Came | None]:
            came: list[Came | None] = [None] * len(parcels)
            for one, share in zip(ready, shares, strict=True):
                heard = self._hear(one, within=max(0, until - time.monotonic()))
                for place, each in zip(share, heard or (), strict=False):
                    came[place] = each
            return came

        return end

    def _hear(self, one: _Process, *, within: float) -> Sequence[Came] | None:
        """Return what came of a share, nothing of none; None where the process is dead, or is killed, for it hangs."""
        try:
            if one.pipe.poll(within):
                came: Sequence[Came] = one.pipe.recv()
                return came
            one.running.kill()
        except (EOFError, OSError):
            pass
        self._processes.remove(one)
        _end(one)
        _log.error("sender_ended", status=one.running.returncode)
        return None


def dealt(parcels: Sequence[Parcel], calls: Sequence[int]) -> list[list[int]]:
    """Return the places of each process's share, by its calls at a time: so all need equally long for a batch."""
    turns = [number for turn in range(max(calls)) for number, many in enumerate(calls) if turn < many]
    shares: list[list[int]] = [[] for _ in calls]
    for number, places in enumerate(by_address(parcels)):
        shares[turns[number % len(turns)]] += places
    return shares


def _without_settings(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return what else is said to a process, such as which proxy leads to gateways."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(PREFIX)}


def _end(one: _Process) -> None:
    """Close the pipe, on which it ends, and see that it does; one that still loads would hear of it late."""
    if not one.is_ready:
        one.running.kill()
    one.pipe.close()
    try:
        one.running.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        one.running.kill()
        one.running.wait()
