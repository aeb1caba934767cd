"""Work that arrives at the same time, done together: what callers hand in while a batch runs is the next batch.

A caller that finds nobody at work does its own piece at once, alone: where little is asked, nothing waits. Where much
is, each batch is as large as what came in while the one before was on its way to the database, and costs hardly more
than a single piece.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Final, Generic, TypeVar, cast

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")
Work = Callable[[Sequence[Piece]], Sequence[Answer | Exception]]

MOST: Final = 64
"""Pieces of one batch: what a person waits for grows with it."""
AT_ONCE: Final = 2
"""Batches that one process has under way: while one waits for the disk, the other is put together."""


class BrokenOffError(Exception):
    """The thread that did a batch was ended in the middle of it; nothing is known of the pieces of others."""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Piece, Answer]):
    """A caller's piece, and what came of it; ``leads`` once its caller is to do the next batch."""

    piece: Piece
    woken: Event = field(default_factory=Event)
    leads: bool = False
    answer: Answer | Exception | None = None


@dataclass(slots=True)
class _Queue:
    """What waits for one kind of work, oldest first, and how many callers do a batch of it, or are about to."""

    waiting: deque[_Waiting[Any, Any]] = field(default_factory=deque)
    leaders: int = 0


class Together:
    """Puts pieces of work that come at the same time into batches; the callers' own threads do them."""

    def __init__(self, *, most: int = MOST, at_once: int = AT_ONCE) -> None:
        self._most = most
        self._at_once = at_once
        self._lock = Lock()
        self._queues: dict[Any, _Queue] = {}

    def do(self, work: Work[Piece, Answer], piece: Piece) -> Answer:
        """Have a piece done, alone or with others that came for the same ``work``; return its own answer.

        Parameters
        ----------
        work
            A function of a module, which names the queue. It returns one answer a piece, in their order, and an error
            as the answer of a piece that was refused; what it raises holds for the whole batch.

        Raises
        ------
        BrokenOffError
            The piece was in the batch of a thread that was ended.
        Exception
            What ``work`` gave this piece as its answer, or raised.
        """
        own = _Waiting[Piece, Answer](piece)
        with self._lock:
            queue = self._queues.setdefault(work, _Queue())
            if queue.leaders < self._at_once:
                queue.leaders += 1
                own.leads = True
            else:
                queue.waiting.append(own)
        if not own.leads:
            own.woken.wait()
        if own.leads:
            self._lead(queue, work, own)
        if isinstance(own.answer, Exception):
            raise own.answer
        return cast("Answer", own.answer)

    def _lead(self, queue: _Queue, work: Work[Piece, Answer], own: _Waiting[Piece, Answer]) -> None:
        """Do a batch of the leader's own piece and of those that wait longest, then let the next one lead."""
        with self._lock:
            others = [queue.waiting.popleft() for _ in range(min(len(queue.waiting), self._most - 1))]
        batch = [own, *others]
        for one in batch:
            one.answer = BrokenOffError()
        try:
            for one, answer in zip(batch, _answers(work, batch), strict=True):
                one.answer = answer
        finally:
            with self._lock:
                heir = queue.waiting.popleft() if queue.waiting else None
                if heir is None:
                    queue.leaders -= 1
                else:
                    heir.leads = True
            for one in (*others, *([heir] if heir else [])):
                one.woken.set()


def _answers(work: Work[Piece, Answer], batch: Sequence[_Waiting[Piece, Answer]]) -> Sequence[Answer | Exception]:
    try:
        return work([one.piece for one in batch])
    except Exception as error:  # noqa: BLE001 - each caller gets it, as if it had worked alone
        return [error] * len(batch)
