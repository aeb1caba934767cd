"""How far a search has come, and how to stop it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import perf_counter


@dataclass(frozen=True)
class Progress:
    """The best plan so far, and what no plan can exceed; both are objectives."""

    objective: int
    bound: int

    @property
    def gap(self) -> float:
        """Proven distance to the best plan, as a share of the bound."""
        return (self.bound - self.objective) / self.bound if self.bound else 0.0


class Search:
    """Tells one listener about the progress of all parts; ``stopped`` once it returned False."""

    def __init__(self, on_progress: Callable[[Progress], bool] | None) -> None:
        self._tell = on_progress
        self._lock = Lock()
        self._objective = self._bound = 0
        self.stopped = False

    def start(self, objective: int, bound: int) -> None:
        """Set out from a plan."""
        self._objective, self._bound = objective, bound
        self.advance()

    def advance(self, *, gained: int = 0, bound_lowered: int = 0) -> None:
        """Add what one part gained, and report it."""
        with self._lock:
            self._objective += gained
            self._bound -= bound_lowered
            if self._tell is not None and not self._tell(Progress(self._objective, self._bound)):
                self.stopped = True


class Stopwatch:
    """Adds up the seconds of named stages."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = perf_counter()

    def lap(self, stage: str) -> None:
        """Count the time since the last lap, or the start, to this stage."""
        now = perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now
