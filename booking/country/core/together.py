"""Work that arrives at the same time, done together: what callers hand in while a batch runs is the next batch.

Where nobody is at work, a piece is a batch of its own at once: where little is asked, nothing waits. Where much is,
each batch is as large as what came in while the one before was on its way to the server, and costs hardly more than a
single piece. Few threads do all batches; callers in threads and in event loops wait for the same ones. In a crowd a
batch that costs much for itself waits a moment until as many have come as were there before.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Lock
from time import monotonic
from typing import Any, Final, Generic, TypeVar, cast

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")
Work = Callable[[Sequence[Piece]], Sequence[Answer | Exception]]

MOST: Final = 64
"""Pieces of one batch: what a person waits for grows with it."""
AT_ONCE: Final = 2
"""Batches of a kind that one process has under way: a further one where it would be full, or the one before is slow."""
CROWD: Final = 8
"""Pieces of a batch from which on the next one may wait to grow: more come than are done one by one."""
SLOW_SECONDS: Final = 0.25
"""From when a batch is slow: it waits for a lock or a register that others need not wait for."""
_THREADS: Final = 32
"""For all kinds of work; each takes a thread when it first needs one."""


def answer_of(work: Callable[[], Answer]) -> Answer | Exception:
    """Return what ``work`` finds, or as an answer why it does not: what is wrong with one piece stops no other."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - its own caller gets it, be it a refusal or a fault
        return error


def one_of(answers: Sequence[Answer | Exception]) -> Answer:
    """Return the answer of a batch of one, for who calls it alone; raises it where it is an error."""
    [answer] = answers
    if isinstance(answer, Exception):
        raise answer
    return answer


class BrokenOffError(Exception):
    """What did a batch was ended in the middle of it; nothing is known of its pieces."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting(Generic[Piece, Answer]):
    """A piece, and where its caller waits for what becomes of it: in a thread, or in the event loop ``loop``."""

    piece: Piece
    future: "Future[Answer] | asyncio.Future[Answer]"
    loop: asyncio.AbstractEventLoop | None = None


@dataclass(slots=True)
class _Queue:
    """What waits for one kind of work, oldest first; how many threads do batches of it, since when the latest one.

    ``grown`` is told when ``wanted`` pieces wait.
    """

    grown: Condition
    waiting: deque[_Waiting[Any, Any]] = field(default_factory=deque)
    at_work: int = 0
    begun: float = 0.0
    wanted: int = 0


class Together:
    """Puts pieces of work that come at the same time into batches; a few threads of its own do them."""

    def __init__(self, *, most: int = MOST, at_once: int = AT_ONCE) -> None:
        self._most = most
        self._at_once = at_once
        self._lock = Lock()
        self._queues: dict[Hashable, _Queue] = {}
        self._closing = False
        self._threads = ThreadPoolExecutor(_THREADS, "together")

    def do(self, work: Work[Piece, Answer], piece: Piece, *, grows: float = 0.0) -> Answer:
        """Have a piece done, alone or with others that came for the same ``work``; return its own answer.

        Parameters
        ----------
        work
            A function of a module, which names the queue. It returns one answer a piece, in their order, and an error
            as the answer of a piece that was refused; what it raises holds for the whole batch.
        grows
            Seconds for which a batch after one of `CROWD` pieces waits, at most, for as many as came to that one and
            wait already. For work that costs as much for a batch as for many of its pieces.

        Raises
        ------
        BrokenOffError
            The piece was in the batch of a thread that was ended.
        Exception
            What ``work`` gave this piece as its answer, or raised.
        """
        future: Future[Answer] = Future()
        if self._hand_in(work, _Waiting(piece, future), grows):
            with suppress(FutureTimeoutError):
                return future.result(SLOW_SECONDS)
            self._look_again(work, grows)
        return future.result()

    async def join(self, work: Work[Piece, Answer], piece: Piece, *, grows: float = 0.0) -> Answer:
        """Do as `do` in an event loop, which goes on meanwhile; a caller who leaves has the piece done all the same."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if self._hand_in(work, _Waiting(piece, future, loop), grows):
            loop.call_later(SLOW_SECONDS, self._look_again, work, grows)
        return await future

    def close(self) -> None:
        """Take nothing more in, and wait until all that was handed in is done."""
        with self._lock:
            self._closing = True
            for queue in self._queues.values():
                queue.grown.notify_all()
        self._threads.shutdown()

    def _hand_in(self, work: Work[Piece, Answer], waiting: _Waiting[Piece, Answer], grows: float) -> bool:
        """Put a piece behind the others; return whether it is the first behind a batch, and has to look again.

        Nobody may come after it, and the batch may turn out to be slow.
        """
        with self._lock:
            queue = self._queues.get(work)
            if queue is None:
                queue = self._queues[work] = _Queue(Condition(self._lock))
            is_first = 0 < queue.at_work < self._at_once and not queue.waiting
            self._begin_another(queue, work, len(queue.waiting) + 1, grows)
            queue.waiting.append(waiting)
            if len(queue.waiting) == queue.wanted:
                queue.grown.notify_all()
            return is_first

    def _look_again(self, work: Work[Any, Any], grows: float) -> None:
        with self._lock, suppress(RuntimeError):  # it is being closed: whoever is at work does what waits
            queue = self._queues[work]
            self._begin_another(queue, work, len(queue.waiting), grows)

    def _begin_another(self, queue: _Queue, work: Work[Any, Any], waiting: int, grows: float) -> None:
        """Have one more thread do batches where none does, or where those that do are slow or have enough."""
        slow = waiting >= self._most or monotonic() - queue.begun >= SLOW_SECONDS
        if waiting and (queue.at_work == 0 or (slow and queue.at_work < self._at_once)):
            self._threads.submit(self._work, queue, work, grows)
            queue.at_work, queue.begun = queue.at_work + 1, monotonic()

    def _work(self, queue: _Queue, work: Work[Piece, Answer], grows: float) -> None:
        """Do batches of those that wait longest until nobody waits any more."""
        while True:
            with self._lock:
                queue.grown.wait_for(lambda: self._closing or len(queue.waiting) >= queue.wanted, grows)
                queue.wanted = 0
                batch = [queue.waiting.popleft() for _ in range(min(len(queue.waiting), self._most))]
                if not batch:
                    queue.at_work -= 1
                    return
                queue.begun = monotonic()
            answers = _answers(work, batch)
            if grows and len(batch) >= CROWD:  # before those hear it, who come again at once
                with self._lock:
                    queue.wanted = min(self._most, len(batch) + len(queue.waiting))
            _tell(batch, answers)


def _answers(work: Work[Piece, Answer], batch: Sequence[_Waiting[Piece, Answer]]) -> Sequence[Answer | Exception]:
    try:
        answers = work([one.piece for one in batch])
    except Exception as error:  # noqa: BLE001 - each caller gets it, as if it had worked alone
        return [error] * len(batch)
    except BaseException:  # noqa: BLE001 - nobody may wait for ever, and none of its callers is to end with it
        return [BrokenOffError()] * len(batch)
    if len(answers) != len(batch):
        return [BrokenOffError()] * len(batch)
    return answers


def _tell(batch: Sequence[_Waiting[Piece, Answer]], answers: Sequence[Answer | Exception]) -> None:
    """Give each caller its answer, those of one event loop by waking it once."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer | Exception]]] = {}
    for one, answer in zip(batch, answers, strict=True):
        if one.loop is None:
            _set(cast("Future[Answer]", one.future), answer)
        else:
            loops.setdefault(one.loop, []).append((cast("asyncio.Future[Answer]", one.future), answer))
    for loop, told in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_wake, told)


def _wake(told: Sequence[tuple["asyncio.Future[Answer]", Answer | Exception]]) -> None:
    for future, answer in told:
        if not future.done():  # its caller has left
            _set(future, answer)


def _set(future: "Future[Answer] | asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    if isinstance(answer, StopIteration):  # no future takes it, and the others of its loop would never be told
        future.set_exception(BrokenOffError())
    elif isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
