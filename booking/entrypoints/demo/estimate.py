"""How long a demonstration will still take: by what each step took where it was measured, and this machine's pace."""

from collections.abc import Mapping
from typing import Final

COMPILING: Final = "Compiling what draws"
SET_UP: Final = "Setting up the country"
SECONDS: Final[Mapping[str, tuple[float, float]]] = {
    "Making up people": (0.0, 0.05),
    COMPILING: (1.5, 0.0),
    SET_UP: (6.2, 0.0),
    "Weeks before: accounts": (0.4, 3.1),
    "First day: people ask": (0.6, 3.0),
    "Officers decide reviews": (0.0, 0.2),
    "Draw day-1: close, draw, publish": (0.4, 1.3),
    "Draw day-1: verify its files": (0.2, 1.8),
    "Second day: offers are answered": (0.2, 0.5),
    "A night of the exchange": (0.3, 0.3),
    "Second day: others ask": (0.1, 0.5),
    "Draw day-2: close, draw, publish": (0.5, 1.0),
    "Draw day-2: verify its files": (0.1, 1.0),
    "The same day, first come first served": (0.0, 0.05),
    "People known twice, and rings": (0.1, 0.1),
}
"""Seconds on two free processors, in the order of the play: at least, and for each thousand people more."""
LATER: Final[Mapping[str, tuple[float, float]]] = {
    "Slots for the weeks ahead": (1.2, 0.0),
    "People of today": (0.7, 0.0),
    "Urgent cases": (1.0, 0.0),
    "Approvals of the weeks before": (0.5, 0.0),
    "Requests of the weeks before": (1.5, 0.0),
    "Notices are sent": (0.1, 0.2),
}
"""The steps where the pages are used afterwards."""
FIRST_TIME: Final = 46.0
"""Seconds of compiling on a machine that has drawn nothing yet."""
_TRUSTED: Final = 8.0
"""Seconds for which the measured machine is believed as much as this one."""
_ALMOST: Final = 0.95
_STEPS_OF_WORDS: Final = (10, 60, 90)
_RISE: Final = 1.2


def plan_for(people: int, *, later: bool, compiled: bool) -> dict[str, float]:
    """Return the seconds that each step took where it was measured, with so many people."""
    steps = {**SECONDS, **(LATER if later else {})}
    plan = {name: least + each * people / 1000 for name, (least, each) in steps.items()}
    return plan if compiled else plan | {COMPILING: FIRST_TIME}


class Estimate:
    """Seconds that are left, told so that they fall: they rise only where the machine turns out to be much slower.

    Parameters
    ----------
    plan
        Seconds by step where they were measured. What is not in it is taken to be over at once.
    """

    def __init__(self, plan: Mapping[str, float]) -> None:
        self._left = dict(plan)
        self._pace_of, self._spent = _TRUSTED, _TRUSTED
        self._step = ""
        self._told = float("inf")

    @property
    def pace(self) -> float:
        """How many times longer than measured things take here."""
        return self._spent / self._pace_of

    def of_step(self, name: str) -> float:
        """Return how long a step that has not begun will take here."""
        return self._left.get(name, 0.0) * self.pace

    def begin(self, name: str) -> None:
        """Begin a step."""
        self._step = name

    def end(self, name: str, seconds: float) -> None:
        """Take what a step took here as a measure of this machine."""
        self._pace_of += self._left.pop(name, 0.0)
        self._spent += seconds

    def left(self, seconds: float, share: float | None) -> float:
        """Return the seconds that are left.

        Parameters
        ----------
        seconds
            Since the step began.
        share
            Of the step that is done, 0 to 1; None where that is not known.
        """
        planned = self._left.get(self._step, 0.0)
        if share is None:
            share = min(_ALMOST, seconds / (planned * self.pace)) if planned else 1.0
        done = planned * share
        pace = (self._spent + seconds) / (self._pace_of + done) if share else self.pace
        rest = pace * (sum(self._left.values()) - done)
        if rest < self._told or rest > _RISE * self._told:
            self._told = rest
        return self._told


def in_words(seconds: float) -> str:
    """Return a time as roughly as it is known: seconds by tens, then minutes."""
    ten, most, minute = _STEPS_OF_WORDS
    if seconds < ten:
        return "a few seconds"
    if seconds < most + ten:
        return f"{round(seconds / ten) * ten} s"
    return f"{max(seconds, minute) / 60:.0f} min"
