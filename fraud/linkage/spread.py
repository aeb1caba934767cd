"""How heavy parts of linkage are done: one after the other, or some at a time elsewhere; the result is the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

P = TypeVar("P")
R = TypeVar("R")


class Spread(Protocol):
    """Does a pure function on each piece, and gives the results in order: `map`, or ``map`` of a pool of processes."""

    def __call__(self, work: Callable[[P], R], pieces: Iterable[P], /) -> Iterable[R]:
        """Yield the result of each piece, in the order of the pieces."""


def pieces_of(items: Sequence[P], size: int) -> Iterator[Sequence[P]]:
    """Cut a long sequence into pieces."""
    return (items[start : start + size] for start in range(0, len(items), size))
