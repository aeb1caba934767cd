"""Connections taken one at a time, so that processes that listen on one socket share them.

An event loop takes all that wait on its socket at once. Of a crowd that comes in the same moment one process gets
nearly everybody, for as long as they stay connected, while another one has nothing to do. Here each takes one, and
leaves the next to the others for a thousandth of a second, in which those that sleep wake up. Where so many wait that
this would not be done in time, as in a flood or behind a proxy that opens a connection for each call, it takes several
before it leaves one: nobody may fill the line of those who wait with a few hundred connections a second. How many
depends on the time that passes until it comes back, for a process with much to do comes late.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from select import POLLIN, poll
from typing import Any, Final

import structlog
import uvloop
from typing_extensions import override

LEAVE_SECONDS: Final = 0.001
"""For which a process that took a connection leaves others to the other processes."""
CROWD: Final = 64
"""Connections that a process takes one by one while more wait all the time; from then on it is a flood."""
LATE_SECONDS: Final = 0.01
"""Who still waits then is taken by nobody else either: the other processes are as busy."""
IN_FLOOD: Final = 16
"""Connections that it takes then for each thousandth of a second."""
MOST_AT_ONCE: Final = 256
"""Connections that it takes then before it looks after others again, however late it comes."""
AGAIN_SECONDS: Final = 1.0
"""After which a process tries again that could not take a connection: it has too many open files."""
_log = structlog.get_logger("mawid.connections")
_Protocols = Callable[[], asyncio.Protocol]


class SharingLoop(uvloop.Loop):
    """uvloop's event loop; of a socket that it is given it takes one connection each time round."""

    @override
    async def create_server(self, *args: Any, **kwargs: Any) -> Any:
        """Listen on the ``sock`` that is given, without TLS; as uvloop does where it is told an address instead."""
        given = kwargs.get("sock")
        if given is None or kwargs.get("ssl") is not None:
            return await super().create_server(*args, **kwargs)
        given.settimeout(0)
        given.listen(kwargs.get("backlog", 100))
        return Accepting(self, args[0], given)


class Sharing:
    """Says how many connections a process takes before it leaves the next one to the others."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self.at_once = 1

    def note(self, taken: int, seconds: float, *, more_wait: bool) -> None:
        """Take in how many it took, after how many ``seconds`` it comes back, and whether others wait."""
        self._in_a_row = self._in_a_row + taken if more_wait else 0
        nobody_else_does = more_wait and seconds > LATE_SECONDS
        in_time = round(IN_FLOOD * seconds / LEAVE_SECONDS)
        flood = self._in_a_row >= CROWD or nobody_else_does
        self.at_once = min(MOST_AT_ONCE, max(IN_FLOOD, in_time)) if flood else 1


class Accepting:
    """What takes connections of a socket, until it is closed; what it took goes on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocols: _Protocols, listening: socket.socket) -> None:
        self._loop, self._protocols, self._listening = loop, protocols, listening
        self._sharing, self._waiting = Sharing(), poll()
        self._waiting.register(listening, POLLIN)
        self._task = loop.create_task(self._accept())

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """The socket that it listens on."""
        return (self._listening,)

    def close(self) -> None:
        """Take no more connections, and close the socket."""
        self._task.cancel()

    async def wait_closed(self) -> None:
        """Wait until it takes none any more."""
        with suppress(asyncio.CancelledError):
            await self._task

    async def _accept(self) -> None:
        with closing(self._listening):
            while True:
                await self._take_some()

    async def _take_some(self) -> None:
        try:
            first, _ = await self._loop.sock_accept(self._listening)
            began = self._loop.time()
            taken = [self._loop.connect_accepted_socket(self._protocols, one) for one in (first, *self._more())]
            await (asyncio.gather(*taken) if len(taken) > 1 else taken[0])
            more_wait = bool(self._waiting.poll(0))
            if more_wait:
                await asyncio.sleep(LEAVE_SECONDS)
            self._sharing.note(len(taken), self._loop.time() - began, more_wait=more_wait)
        except ConnectionError:
            pass  # who called has left
        except Exception as error:  # noqa: BLE001 - who calls next is to be heard, whatever it was
            _log.error("connection_not_taken", exc_info=error)
            await asyncio.sleep(AGAIN_SECONDS)

    def _more(self) -> Iterator[socket.socket]:
        """Yield others who wait; each that is connected by itself takes the loop some times round."""
        with suppress(OSError):  # nobody waits any more; what else it is, the next one who is taken says
            for _ in range(self._sharing.at_once - 1):
                one, _ = self._listening.accept()
                one.settimeout(0)
                yield one
