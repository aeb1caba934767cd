"""The people of the register of invented people, in a file that every process of a demonstration reads."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from threading import Lock


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person as the register has them; ``phone`` says whether it knows one, ``guardians`` are national numbers."""

    name: str
    birth_date: date
    phone: bool = True
    guardians: tuple[str, ...] = ()
    dead: bool = False


class BookFile:
    """People by number, one a line; what another process adds is seen at the next look. Later lines win.

    A file that is not there is an empty book.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._people: dict[str, Enrolled] = {}
        self._read_to = 0

    def person(self, number: str) -> Enrolled | None:
        """Return who has a number; None where nobody was written down."""
        self._read_on()
        return self._people.get(number)

    def add(self, people: Mapping[str, Enrolled]) -> None:
        """Write people down, many at once."""
        lines = [json.dumps({"number": number, **asdict(one)}, default=str) for number, one in people.items()]
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())

    def _read_on(self) -> None:
        """Read whole lines that came since; half a line is somebody's who still writes."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        with self._lock:
            if size == self._read_to:
                return
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                whole = file.read().rpartition(b"\n")[0]
            for line in whole.splitlines():
                self._take(json.loads(line))
            self._read_to += len(whole) + 1 if whole else 0

    def _take(self, row: dict[str, object]) -> None:
        born, guardians = date.fromisoformat(str(row["birth_date"])), row["guardians"]
        self._people[str(row["number"])] = Enrolled(
            name=str(row["name"]),
            birth_date=born,
            phone=bool(row["phone"]),
            guardians=tuple(guardians) if isinstance(guardians, list) else (),
            dead=bool(row["dead"]),
        )
