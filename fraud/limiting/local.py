"""The same limits inside one process, for the minutes in which the shared server does not answer."""

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Final

from fraud.limiting.limits import Limit

MAX_KEYS: Final = 100_000
_MICROSECONDS: Final = 1_000_000


class LocalLimits:
    """Generic cell rates in memory, at each limit's share for one of ``workers`` processes.

    A share has the limit's rate divided by the workers; at least one attempt at once, or nobody could pass.
    At most ``max_keys`` keys are kept: beyond that the ones that would end soonest are forgotten.
    """

    def __init__(self, workers: int, monotonic: Callable[[], float], max_keys: int = MAX_KEYS) -> None:
        self._workers = workers
        self._monotonic = monotonic
        self._max_keys = max_keys
        self._arrivals: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def attempt(self, keys: Sequence[Hashable], limits: Sequence[Limit]) -> tuple[int, int, int, int, int]:
        """Judge one attempt, all or nothing; the reply has the form of ``gcra.lua``."""
        with self._lock:
            now = int(self._monotonic() * _MICROSECONDS)
            arrivals: list[int] = []
            wait = tightest = remaining = reset = 0
            for place, (key, limit) in enumerate(zip(keys, limits, strict=True), start=1):
                interval = limit.interval_us * self._workers
                count = max(1, limit.count // self._workers)
                arrival = max(now, self._arrivals.get(key, now))
                moved = arrival + interval
                over = moved - interval * count - now
                arrivals.append(moved)
                if over > 0:
                    if over > wait:
                        wait, tightest, remaining, reset = over, place, 0, arrival - now
                elif wait == 0:
                    left = -over // interval
                    if tightest == 0 or left < remaining or (left == remaining and moved - now > reset):
                        tightest, remaining, reset = place, left, moved - now
            if wait > 0:
                return 0, tightest, remaining, wait, reset
            self._arrivals.update(zip(keys, arrivals, strict=True))
            if len(self._arrivals) > self._max_keys:
                self._forget(now)
            return 1, tightest, remaining, 0, reset

    def clear(self) -> None:
        """Forget all attempts, once the shared server judges again."""
        with self._lock:
            self._arrivals.clear()

    def _forget(self, now: int) -> None:
        alive = {key: arrival for key, arrival in self._arrivals.items() if arrival > now}
        if len(alive) > self._max_keys:
            longest = sorted(alive, key=alive.__getitem__, reverse=True)
            alive = {key: alive[key] for key in longest[: self._max_keys // 2]}
        self._arrivals = alive
