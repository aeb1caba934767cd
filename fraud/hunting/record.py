"""The record of a hunt: each trial's figures as one line of a file, so that a hunt that was ended goes on exactly."""

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from fraud.hunting.ledger import Figures
from fraud.hunting.trials import Trial, tried

_BEGINS: Final = b'["'  # a line


class OtherHuntError(Exception):
    """The record is of another hunt, or of another version of the program."""


class Spreads(Protocol):
    """`map`, here or on machines that compute for us (`booking.platform.computing.spread.Spread`)."""

    def __call__(self, work: Callable[[Trial], Figures], pieces: Iterable[Trial], /) -> Iterator[Figures]:
        """Yield the work's result of each piece, in the order of the pieces."""
        ...


class Record:
    """What was tried so far, in the order in which a hunt asks for it; a search is repeated from it without playing.

    Each line is written through to the disk before the next trial is taken. A line that was cut off is dropped; a file
    that no hunt wrote is left as it is.

    Parameters
    ----------
    path
        None keeps nothing.
    spread
        Plays the trials.
    """

    def __init__(self, path: Path | None = None, *, spread: Spreads = map) -> None:
        self._path, self._spread = path, spread
        self._known: deque[tuple[str, Figures]] = deque()
        self.repeated = self.played = 0
        if path is not None and path.exists():
            whole = path.read_bytes()
            kept = whole[: whole.rfind(b"\n") + 1]
            if not _BEGINS.startswith(whole[len(kept) :][: len(_BEGINS)]):
                raise OtherHuntError(f"{path} ends with what no hunt wrote")
            self._known.extend(_line(line) for line in kept.splitlines())
            os.truncate(path, len(kept))

    def figures(self, trials: Sequence[Trial]) -> list[Figures]:
        """Return the figures of some trials: from the record as far as it goes, and played from there on.

        Raises
        ------
        OtherHuntError
            The record has another trial in one of these places.
        """
        found = []
        for trial in trials:
            if not self._known:
                break
            name, figures = self._known.popleft()
            if name != trial.name:
                raise OtherHuntError(f"{self._path} is the record of another hunt or version: begin a new one")
            found.append(figures)
            self.repeated += 1
        left = trials[len(found) :]
        for trial, figures in zip(left, self._spread(tried, left), strict=True):
            self._keep(trial, figures)
            found.append(figures)
            self.played += 1
        return found

    def _keep(self, trial: Trial, figures: Figures) -> None:
        if self._path is None:
            return
        with self._path.open("ab") as file:
            file.write(json.dumps([trial.name, figures]).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _line(line: bytes) -> tuple[str, Figures]:
    try:
        name, figures = json.loads(line)
    except ValueError:
        raise OtherHuntError("the record has a line that no hunt wrote") from None
    return name, figures
