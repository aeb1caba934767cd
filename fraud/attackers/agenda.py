"""What is still to come in a season, in the order of time."""

import heapq
from collections.abc import Callable

Step = Callable[[float], None]
"""Something that happens at an instant, in seconds since the season began."""


class Agenda:
    """Steps that were put off; of equal instants the one that was put off first comes first."""

    def __init__(self) -> None:
        self._coming: list[tuple[float, int, Step]] = []
        self.put_off = 0

    def later(self, at: float, step: Step) -> None:
        """Put a step off to an instant."""
        self.put_off += 1
        heapq.heappush(self._coming, (at, self.put_off, step))

    def run(self, until: float) -> None:
        """Take all steps before an instant, also those that others put off meanwhile."""
        while self._coming and self._coming[0][0] < until:
            at, _, step = heapq.heappop(self._coming)
            step(at)
