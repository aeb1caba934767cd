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
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Final, Self

import structlog

from booking.people.reaching.carrier import Carrier
from booking.people.reaching.resting import Resting, shared_counts
from booking.people.reaching.sending import LEASE, Came, Ending, Parcel, Sender, by_address
from booking.platform.base.message_states import Channel
from booking.platform.base.processors import processors
from booking.platform.base.settings import PREFIX

_log = structlog.get_logger("mawid.notices")

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
