"""What a witness found, kept with what proves it: a folder of evidence each, and all of them as sentences."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from booking.transparency.witness.folder import sync_folder, write_durably

Language: TypeAlias = Literal["ar", "en"]
Values: TypeAlias = dict[str, str | int]

FOLDER: Final = "evidence"
TEXT: Final = "findings.txt"
MOST: Final = 5_000
"""Findings that are kept: by then everything is said, and a log that lies without end fills no disk."""
_FINDING: Final = "finding.json"
_SHORT: Final = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that contradicts itself, or that everybody should know.

    ``kind`` names its sentence in ``words.toml``, ``values`` fill it and tell it from others; ``shown`` fill it too,
    and differ each time it is seen. ``evidence`` are files by name: whoever reads them needs no trust in the witness.
    """

    kind: str
    values: Mapping[str, str | int]
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    shown: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the same finding has again: a short hash of its kind and values."""
        content = json.dumps([self.kind, dict(self.values)], sort_keys=True, ensure_ascii=False)
        return sha256(content.encode()).hexdigest()[:_SHORT]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as it was kept: when, in which folder of evidence, and what fills its sentence."""

    at: datetime
    folder: str
    kind: str
    values: Mapping[str, str | int]

    @property
    def notice(self) -> bool:
        """Whether it is no contradiction, but something that people should know."""
        return bool(words()[self.kind].get("notice"))

    def sentence(self, language: Language) -> str:
        """Return the finding as one sentence in Arabic or English."""
        values = {name: _in_words(name, value, language) for name, value in self.values.items()}
        return str(words()[self.kind][language]).format(**values)

    def line(self, language: Language) -> str:
        """Return when it was found, the sentence, and where the evidence is."""
        when = self.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"{when}  {self.sentence(language)}  [{FOLDER}/{self.folder}]"


class Findings:
    """All that one witness found, in its folder.

    A finding is kept once: the same again changes nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._evidence = folder / FOLDER
        self._evidence.mkdir(exist_ok=True)

    def keep(self, findings: Iterable[Finding], *, at: datetime) -> list[Found]:
        """Keep what was not found before, evidence first; return what is new."""
        known = {path.name.rpartition("-")[2] for path in self._evidence.iterdir()}
        new: list[Found] = []
        for finding in findings:
            if finding.key not in known and len(known) < MOST:
                known.add(finding.key)
                new.append(self._keep(finding, at))
        if new:
            write_durably(self._folder / TEXT, self._text().encode())
        return new

    def all(self) -> list[Found]:
        """Return everything that was found, the oldest first."""
        return sorted(self.newest(MOST), key=lambda one: (one.at, one.folder))

    def newest(self, most: int) -> list[Found]:
        """Return what was found last, the newest first."""
        names = sorted((path.name for path in self._evidence.iterdir() if path.name[0] != "."), reverse=True)
        return [_read(self._evidence / name / _FINDING) for name in names[:most]]

    def files(self, found: Found) -> list[str]:
        """Return the names of the files of evidence of a finding."""
        return sorted(path.name for path in (self._evidence / found.folder).iterdir())

    def _keep(self, finding: Finding, at: datetime) -> Found:
        name = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{finding.kind}-{finding.key}"
        values = dict(finding.values) | dict(finding.shown)
        draft = self._evidence / f".{name}"
        draft.mkdir(exist_ok=True)
        for file, content in finding.evidence.items():
            write_durably(draft / file, content)
        kept = {"at": at.astimezone(UTC).isoformat(), "kind": finding.kind, "values": values}
        write_durably(draft / _FINDING, (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode())
        draft.rename(self._evidence / name)
        sync_folder(self._evidence)
        return Found(at, name, finding.kind, values)

    def _text(self) -> str:
        return "".join(f"{one.line('en')}\n{one.line('ar')}\n\n" for one in self.all())


def _read(path: Path) -> Found:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return Found(datetime.fromisoformat(content["at"]), path.parent.name, content["kind"], content["values"])


@cache
def words() -> dict[str, dict[str, Any]]:
    """Return everything that a witness says, by kind, in both languages."""
    return tomllib.loads(
        resources.files("booking.transparency.witness").joinpath("words.toml").read_text(encoding="utf-8")
    )


def _in_words(name: str, value: str | int, language: Language) -> str:
    whats = words()["what"]
    if name in {"what", "before", "now"} and value in whats:
        return str(whats[value][language])
    return str(value)
