"""How the Scheduler's ids name what Mawid has: an event is a service at an office, in the draw or at one time."""

import re
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from booking.platform.base.errors import NotFoundError

IN_DRAW: Final = "draw"
_EVENT: Final = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)\.([a-z0-9]+(?:-[a-z0-9]+)*)\.(draw|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody can be booked for: ``slot`` is None for the next draw, else a time with places to book at once."""

    service: str
    office: str
    slot: int | None

    @classmethod
    def read(cls, text: str) -> "Event":
        """Read an event's id; raises NotFoundError for what is none."""
        found = _EVENT.fullmatch(text)
        if found is None:
            raise NotFoundError
        return cls(found[1], found[2], None if found[3] == IN_DRAW else int(found[3]))

    @override
    def __str__(self) -> str:
        return f"{self.service}.{self.office}.{IN_DRAW if self.slot is None else self.slot}"
