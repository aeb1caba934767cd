"""Tasks that do not depend on each other, side by side in threads: what comes out is what comes of one after the other.

Compiled loops leave the interpreter to others, so threads are enough.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Spread(Protocol):
    """`map`, or another way to do all tasks; results come in the order of the items."""

    def __call__(self, task: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
        """Do a task for each item."""


@contextmanager
def spread_over(workers: int) -> Iterator[Spread]:
    """Yield a way to do tasks in so many threads: here, where that is one. A task must not spread by it again."""
    if workers == 1:
        yield map
        return
    with ThreadPoolExecutor(workers) as pool:
        yield pool.map
