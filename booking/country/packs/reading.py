"""Read a pack's files into models, keeping the place of everything that can be wrong."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from booking.country.packs.fields import Spec
from booking.country.packs.plain_words import of_model, of_toml
from booking.country.packs.positions import KeyPath, line_of_each_path
from booking.country.packs.problems import Problem

SpecT = TypeVar("SpecT", bound=Spec)

_LINE_IN_MESSAGE: Final = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Source:
    """A parsed file: its path in the pack, its values, and its text, in which a line is only looked for when asked."""

    file: str
    values: Mapping[str, Any]
    text: str

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """The line of each value."""
        return line_of_each_path(self.text)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Place a message at ``path``, or at the nearest thing around it that is written in the file."""
        while path not in self.lines:
            path = path[:-1]
        return Problem(self.file, self.lines[path], message)


@dataclass(frozen=True)
class Placed(Generic[SpecT]):
    """A valid entry and where it stands."""

    spec: SpecT
    source: Source
    path: KeyPath

    def problem(self, message: str, *inside: str | int) -> Problem:
        """Place a message at the key ``inside`` this entry."""
        return self.source.problem((*self.path, *inside), message)


@dataclass
class Reader:
    """Reads files under ``root``; whatever is wrong is added to ``problems`` and the rest is returned."""

    root: Path
    problems: list[Problem] = field(default_factory=list)

    def file(self, name: str) -> Source | None:
        """Parse one file; None when it cannot be."""
        text = ""
        try:
            text = (self.root / name).read_bytes().decode("utf-8-sig")
            values = tomllib.loads(text)
        except FileNotFoundError:
            self.problems.append(Problem(name, 1, "the file is missing"))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.problems.append(Problem(name, line, "the file is not UTF-8 text"))
        except tomllib.TOMLDecodeError as error:
            found = _LINE_IN_MESSAGE.search(str(error))
            line = int(found[1]) if found else text.count("\n") + 1
            self.problems.append(Problem(name, line, of_toml(_LINE_IN_MESSAGE.sub("", str(error)).strip())))
        except (RecursionError, ValueError):  # the latter for a number of more digits than Python reads
            self.problems.append(Problem(name, 1, "values stand within too many others, or a number is too long"))
        else:
            return Source(name, values, text)
        return None

    def folder(self, name: str, pattern: str = "*.toml") -> Iterator[Source]:
        """Parse each TOML file of a folder, in alphabetical order."""
        files = sorted((self.root / name).glob(pattern))
        if not files:
            self.problems.append(Problem(name, 1, "the folder is missing or has no .toml file"))
        for path in files:
            source = self.file(path.relative_to(self.root).as_posix())
            if source is not None:
                yield source

    def entry(
        self, source: Source, model: type[SpecT], path: KeyPath = (), *, defaults: Mapping[str, Any] | None = None
    ) -> Placed[SpecT] | None:
        """Check the table at ``path``; None when something in it is wrong. ``defaults`` fill keys it leaves out."""
        values: Any = source.values
        for key in path:
            values = values[key]
        if isinstance(values, dict):
            values = {**(defaults or {}), **values}
        try:
            return Placed(model.model_validate(values), source, path)
        except ValidationError as error:
            details = error.errors(include_url=False)
            for detail in details:
                if detail["type"] == "too_short" and any(_is_inside(one["loc"], detail["loc"]) for one in details):
                    continue  # nothing is left because everything in it is wrong, which is reported already
                where = (*path, *detail["loc"])
                self.problems.append(source.problem(where, of_model(detail["type"], detail["msg"], where)))
        return None

    def entries(
        self, source: Source, key: str, model: type[SpecT], *, defaults: Mapping[str, Any] | None = None
    ) -> list[Placed[SpecT]]:
        """Check each ``[[key]]`` table of a file."""
        tables = source.values.get(key, [])
        if not isinstance(tables, list) or not tables:
            self.problems.append(source.problem((key,), f"expected [[{key}]] tables"))
            return []
        placed = [self.entry(source, model, (key, index), defaults=defaults) for index in range(len(tables))]
        return [entry for entry in placed if entry is not None]

    def only(self, source: Source, *keys: str) -> None:
        """Report keys at the top of a file that nobody reads."""
        self.problems.extend(source.problem((key,), f"unknown key {key}") for key in source.values if key not in keys)


def _is_inside(path: KeyPath, other: KeyPath) -> bool:
    return len(path) > len(other) and path[: len(other)] == other
