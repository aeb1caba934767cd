"""Whoever is refused hears it a moment later, all of the same moment at once.

A program that asks again at once would otherwise ask thousands of times a second, and its refusals be the flood. With a
timer for each the event loop would wait for the interpreter's lock for each; where a thousand a second are refused,
that alone is more than it can do.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

PAUSE_SECONDS = 1.0
MOST_SLOWED: Final = 2_000
"""Calls that are refused and wait to hear it, in one process; more hear it at once."""
STEP_SECONDS: Final = 0.05

_SLOWED: Final[set[object]] = set()

_Due = dict[int, list[Callable[[], None]]]
_DUE: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Due]] = WeakKeyDictionary()


def pause() -> float:
    """Return about how many seconds later a refusal is told.

    Not all of them equally late: those that were refused together would come back together, again and again.
    """
    return PAUSE_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


async def slow_down() -> None:
    """Wait for a `pause` before a refusal is told; no thread and little memory waits."""
    if len(_SLOWED) < MOST_SLOWED:
        _SLOWED.add(me := object())
        try:
            await wait_a_moment(pause())
        finally:
            _SLOWED.discard(me)


def in_a_moment(loop: asyncio.AbstractEventLoop, seconds: float, call: Callable[[], None]) -> None:
    """Have something called ``seconds`` later, or up to `STEP_SECONDS` after that."""
    if not seconds:
        loop.call_soon(call)
        return
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

    def end() -> None:
        if not waits.done():  # whoever waited has left
            waits.set_result(None)

    in_a_moment(loop, seconds, end)
    await waits


def _come(loop: asyncio.AbstractEventLoop, due: _Due, moment: int) -> None:
    for call in due.pop(moment):
        loop.call_soon(call)  # what one of them raises stops no other
