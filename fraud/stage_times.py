"""How long each stage of the gate takes: counts in buckets, without a reference to anyone."""

from bisect import bisect_left
from collections.abc import Mapping
from threading import Lock
from typing import Final

BOUNDS: Final = (0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5)
"""Upper bounds of the buckets, in seconds; one more bucket holds what took longer."""


class StageTimes:
    """Times of one process, shared by its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def observe(self, seconds: Mapping[str, float]) -> None:
        """Count the seconds that each stage of one verdict took."""
        with self._lock:
            for stage, took in seconds.items():
                counts = self._counts.setdefault(stage, [0] * (len(BOUNDS) + 1))
                counts[bisect_left(BOUNDS, took)] += 1
                self._sums[stage] = self._sums.get(stage, 0.0) + took

    def read(self) -> dict[str, tuple[list[int], float]]:
        """Return for each stage how many verdicts fell into each bucket, and the sum of their seconds."""
        with self._lock:
            return {stage: (list(counts), self._sums[stage]) for stage, counts in self._counts.items()}
