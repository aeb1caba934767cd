"""What is refused because something must be there first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from booking.platform.base.errors import MawidError


@dataclass(frozen=True, slots=True)
class Lack:
    """What somebody lacks: the place of the person in the party, from 0, and the service that issues it."""

    position: int
    service: str


class PrerequisiteMissingError(MawidError):
    """Somebody of the party lacks what must be there first; nothing has changed. ``goal`` is the service asked for."""

    code: ClassVar[str] = "prerequisite_missing"

    def __init__(self, goal: str, lacks: Sequence[Lack]) -> None:
        super().__init__(f"{goal} needs {', '.join(sorted({one.service for one in lacks}))} first")
        self.goal, self.lacks = goal, tuple(lacks)
