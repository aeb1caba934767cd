"""How many one-time codes this process sent or held back, for those who watch the bill for SMS."""

from threading import Lock


class CodeCounts:
    """Counts that threads share; ``held_back`` is by the subject of the limit that was reached."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sent = 0
        self._held_back: dict[str, int] = {}
        self._warnings = 0

    def sent(self, *, warning: bool) -> None:
        """Count a code that may be sent; ``warning`` where the day's budget is nearly used."""
        with self._lock:
            self._sent += 1
            self._warnings += warning

    def held_back(self, subject: str) -> None:
        """Count a code that a limit on ``subject`` held back."""
        with self._lock:
            self._held_back[subject] = self._held_back.get(subject, 0) + 1

    def read(self) -> tuple[int, dict[str, int], int]:
        """Return codes sent, codes held back by subject, and codes sent beyond the warning."""
        with self._lock:
            return self._sent, dict(self._held_back), self._warnings
