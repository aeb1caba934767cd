"""What the log told of one draw, or of one night of the exchange."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log: where it stands, its exact bytes, and what they say."""

    index: int
    content: bytes
    body: dict[str, Any]

    @property
    def sha256(self) -> str:
        """The hash by which other entries name this one."""
        return sha256(self.content).hexdigest()

    @property
    def file(self) -> dict[str, bytes]:
        """The entry as a file of evidence."""
        return {f"entry-{self.index}.json": self.content}


@dataclass(slots=True)
class Record:
    """The first entry of each kind about one draw, or night; a second one is a finding and changes nothing."""

    reference: str
    announcement: Entry | None = None
    statement: Entry | None = None
    beacon: Entry | None = None
    result: Entry | None = None
    abandoned: Entry | None = None
    wrong: bool = False
    """Whether its entries contradict each other, or what the witness saw: then it signs nothing for this draw."""

    @property
    def entries(self) -> list[Entry]:
        """All that were kept."""
        found = (self.announcement, self.statement, self.beacon, self.result, self.abandoned)
        return [one for one in found if one is not None]

    def of(self, kind: str) -> Entry | None:
        """Return the entry of a kind, where there is one."""
        found: Entry | None = getattr(self, kind)
        return found

    def keep(self, entry: Entry) -> None:
        """Keep the first entry of its kind."""
        setattr(self, entry.body["type"].removeprefix("exchange_"), entry)
