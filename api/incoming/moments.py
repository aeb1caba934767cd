"""What happens a moment later, all of the same moment at once.

A timer for each would have the event loop wait for the interpreter's lock for each; where a thousand a second are told
that too many are here, that alone is more than it can do.
"""

import asyncio
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

STEP_SECONDS: Final = 0.05

_Due = dict[int, list[Callable[[], None]]]
_DUE: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Due]] = WeakKeyDictionary()


def in_a_moment(loop: asyncio.AbstractEventLoop, seconds: float, call: Callable[[], None]) -> None:
    """Have something called ``seconds`` later, or up to `STEP_SECONDS` after that."""
    due = _DUE.setdefault(loop, {})
    moment = int((loop.time() + seconds) / STEP_SECONDS) + 1
    if moment not in due:
        due[moment] = []
        loop.call_at(moment * STEP_SECONDS, _come, loop, due, moment)
    due[moment].append(call)


async def wait_a_moment(seconds: float) -> None:
    """Wait for ``seconds``, or up to `STEP_SECONDS` longer."""
    loop = asyncio.get_running_loop()
    waits: asyncio.Future[None] = loop.create_future()
    in_a_moment(loop, seconds, lambda: waits.done() or waits.set_result(None))
    await waits


def _come(loop: asyncio.AbstractEventLoop, due: _Due, moment: int) -> None:
    for call in due.pop(moment):
        loop.call_soon(call)  # what one of them raises stops no other
