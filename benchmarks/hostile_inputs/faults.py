"""Faults that hostile inputs found, each once with the first input that shows it, and how many inputs there were."""

import json
import os
import struct
import traceback
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from mmap import mmap
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).parents[2]
MOST_SECONDS: Final = 2.0
"""Of processor time for one input; more is a hang."""
_COUNTS: Final = struct.Struct("<QQ")


def place_of(error: BaseException) -> str:
    """Return the error's class and the innermost places of ours that it went through: two alike are one fault."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f"{Path(one.filename).relative_to(ROOT)}:{one.name}"
        for one in frames
        if one.filename.startswith(f"{ROOT}/")
        and "/.venv/" not in one.filename
        and "hostile_inputs" not in one.filename
    ]
    return " ".join([type(error).__name__, *ours[-2:]])


@dataclass(frozen=True)
class Fault:
    """One kind of fault: what happened and where; ``input`` is the name of the file that shows it."""

    target: str
    what: str
    input: str
    words: str = ""


@dataclass
class Ledger:
    """The folder of one target: its counts, which survive a crash of the process, and its faults.

    What is being tried is written before it is, so that an input that ends the process is known.
    """

    folder: Path
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the folder, and read what is there from before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, size in (("counts", _COUNTS.size), ("trying", 1 << 18)):
            file = self.folder / name
            if not file.exists() or file.stat().st_size != size:
                file.write_bytes(bytes(size))
        self.known = {one.what for one in self.faults()}

    def __enter__(self) -> Self:
        self._counts, self._trying = (self._mapped(name) for name in ("counts", "trying"))
        self.inputs, self.accepted = _COUNTS.unpack(self._counts[:])
        return self

    def __exit__(self, *_: object) -> None:
        self._counts.close()
        self._trying.close()

    def _mapped(self, name: str) -> mmap:
        descriptor = os.open(self.folder / name, os.O_RDWR)
        try:
            return mmap(descriptor, 0)
        finally:
            os.close(descriptor)

    def trying(self, data: bytes) -> None:
        """Note what is tried next."""
        self._trying[: 4 + len(data)] = struct.pack("<I", len(data)) + data

    def tried(self, *, accepted: bool) -> None:
        """Count an input."""
        self.inputs, self.accepted = self.inputs + 1, self.accepted + accepted
        self._counts[:] = _COUNTS.pack(self.inputs, self.accepted)

    def last(self) -> bytes:
        """Return what was tried last, also by a process that is gone."""
        content = (self.folder / "trying").read_bytes()
        (size,) = struct.unpack("<I", content[:4])
        return content[4 : 4 + size]

    def counted(self) -> tuple[int, int]:
        """Return how many inputs were tried and accepted so far, also by a process that is gone."""
        inputs, accepted = _COUNTS.unpack((self.folder / "counts").read_bytes())
        return int(inputs), int(accepted)

    def note(self, target: str, what: str, data: bytes, words: str = "") -> None:
        """Keep a fault with its input, unless one like it is known."""
        if what in self.known:
            return
        self.known.add(what)
        name = f"fault-{sha256(what.encode()).hexdigest()[:12]}"
        (self.folder / name).write_bytes(data)
        with (self.folder / "faults.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Fault(target, what, name, words[:2000])), ensure_ascii=False) + "\n")

    def faults(self) -> list[Fault]:
        """Return the faults that are known, from earlier runs too."""
        file = self.folder / "faults.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [Fault(**json.loads(line)) for line in lines]
