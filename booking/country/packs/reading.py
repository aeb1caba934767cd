"""Read a pack's files into models, keeping the place of everything that can be wrong.

On which line each key and element of a TOML text stands.

The standard parser gives values without positions. This scanner gives positions without values: it walks a text
that the parser has already accepted, so it needs to know where things begin and end, and not what they mean.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from pydantic import ValidationError
from typing_extensions import override

from booking.country.packs.fields import Spec


class Problem(NamedTuple):
    """One mistake: the file (relative to the pack's folder), the line (from 1) and what to do about it."""

    file: str
    line: int
    message: str

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class PackError(Exception):
    """A country pack cannot be used. ``problems`` lists every mistake that was found, by file and line."""

    def __init__(self, pack: str, problems: Sequence[Problem]) -> None:
        self.pack = pack
        self.problems = tuple(sorted(problems))
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"country pack {pack!r} has {len(self.problems)} problem(s):\n{lines}")


KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of tables and indexes of arrays, from the top."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART: Final = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')[ \t]*""")
_SCALAR: Final = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})'''
    r"""|\'\'\'.*?\'\'\'(?:'{0,2})"""
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'"""
    r"""|[^,\]}#\n]+""",
    re.DOTALL,
)


def line_of_each_path(text: str) -> dict[KeyPath, int]:
    """Find the line (from 1) on which each table, key and array element begins.

    Parameters
    ----------
    text
        Valid TOML: `tomllib` has parsed it.

    Returns
    -------
    dict
        A line for every path into the parsed value; the empty path is line 1.
        A table that has no header of its own stands where its first key does.

    Raises
    ------
    ValueError
        The text is not TOML.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {(): 1}
        self._newlines = [i for i, char in enumerate(text) if char == "\n"]
        self._tables_in: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self._accept("[["):
                table = self._array_header(self._key())
                self._expect("]]")
            elif self._accept("["):
                table = self._header(self._key())
                self._expect("]")
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self, parts: list[str]) -> KeyPath:
        path = self._inside(parts)
        self.lines[path] = self._line()
        return path

    def _array_header(self, parts: list[str]) -> KeyPath:
        path = (*self._inside(parts[:-1]), parts[-1])
        index = self._tables_in.get(path, 0)
        self._tables_in[path] = index + 1
        self.lines.setdefault(path, self._line())
        self.lines[*path, index] = self._line()
        return (*path, index)

    def _inside(self, parts: list[str]) -> KeyPath:
        """Follow header keys; a key of an array of tables means its latest table."""
        path: KeyPath = ()
        for part in parts:
            path = (*path, part)
            self.lines.setdefault(path, self._line())
            if path in self._tables_in:
                path = (*path, self._tables_in[path] - 1)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._expect("=")
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        while self._accept(" ") or self._accept("\t"):
            pass
        if self._accept("["):
            self._array(path)
        elif self._accept("{"):
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        index = 0
        self._skip(_BLANK)
        while not self._accept("]"):
            self.lines[*path, index] = self._line()
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            self._accept(",")
            self._skip(_BLANK)

    def _inline_table(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        while not self._accept("}"):
            self._pair(path)
            self._skip(_BLANK)
            self._accept(",")
            self._skip(_BLANK)

    def _key(self) -> list[str]:
        parts = [self._key_part()]
        while self._accept("."):
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        start = self.at
        self._skip(_KEY_PART)
        part = self.text[start : self.at].strip(" \t")
        if part[0] in "\"'":
            return next(iter(tomllib.loads(f"{part} = 0")))
        return part

    def _line(self) -> int:
        return bisect_left(self._newlines, self.at) + 1

    def _accept(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise ValueError(f"line {self._line()}: expected {token!r}")

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self._line()}: not TOML")
        self.at = found.end()


_WHAT_TO_WRITE: Final = {
    "int_type": "write a whole number without quotes, such as 25",
    "decimal_type": "write a number without quotes, such as 25",
    "is_instance_of": "write a number without quotes, such as 25",
    "string_type": 'write a text in quotes, such as "damascus"',
    "bool_type": "write true or false, without quotes",
    "tuple_type": 'write a list in square brackets, such as ["lost", "stolen"]',
    "model_type": 'write a table: "key = value" lines under a [header]',
    "dict_type": 'write one text a language, such as name.ar = "…" and name.en = "…"',
    "date_type": "write a day as 2026-11-24, without quotes",
    "string_too_long": "shorten it",
    "string_pattern_mismatch": (
        "a code is small Latin letters, digits and dashes, such as birth-registration; a text is not empty"
    ),
    "greater_than_equal": "write a larger number",
    "less_than_equal": "write a smaller number",
    "too_short": "write at least one",
}
"""By Pydantic's kinds of errors; a message that already says what to write has none."""
_SAID_PLAINLY: Final = {"is_instance_of": "Input should be a number"}
"""Where Pydantic names a class of Python."""
_IN_TOML: Final = {
    "Expected '=' after a key": "write each line as key = value",
    "Invalid statement": 'write each line as key = value, or as a [header]; a line that begins with "#" is a remark',
    "Invalid value": 'a text stands in "quotes", a number and true or false do not',
    "Cannot overwrite": "the same key or header stands in this file twice; take one of them out",
    "Cannot declare": "the same header stands in this file twice; take one of them out",
    "Illegal character '\\n'": 'close the text with " on the same line',
    "Unterminated string": 'close the text with "',
    "Expected newline": "begin each key = value on a line of its own, and close every quote and bracket",
    "Unclosed array": "close the list with ]",
    "Unclosed inline table": "close the braces with }",
    "Expected ']": "close the header with ]",
    "Unescaped '\\\\'": "write a backslash twice, or the text in 'single quotes'",
}
"""By how the messages of `tomllib` begin."""


def of_toml(message: str) -> str:
    """Return words for a mistake of the language TOML, and what to write."""
    fix = next((words for start, words in _IN_TOML.items() if message.startswith(start)), None)
    return f"{message}; {fix}" if fix else message


def of_model(kind: str, message: str, path: KeyPath) -> str:
    """Return words for what is wrong with a value at ``path``; ``kind`` and ``message`` are Pydantic's."""
    keys = [part for part in path if isinstance(part, str)]
    name = ".".join(keys) or "the file"
    if kind == "missing":
        return f"{name} is missing; write it, such as {keys[-1] if keys else 'code'} = …"
    if kind == "extra_forbidden":
        nearest = get_close_matches(keys[-1], _known_keys(), n=1) if keys else []
        return f"unknown key {name}; " + (f'did you mean "{nearest[0]}"?' if nearest else "take it out")
    fix = _WHAT_TO_WRITE.get(kind)
    told = f"{name}: {_SAID_PLAINLY.get(kind) or message.removeprefix('Value error, ')}"
    return f"{told}; {fix}" if fix else told


@cache
def _known_keys() -> tuple[str, ...]:
    """Return every key of every part of a pack."""
    return tuple(sorted({key for model in _parts(Spec) for key in model.model_fields}))


def _parts(model: type[Spec]) -> Iterator[type[Spec]]:
    yield model
    for part in model.__subclasses__():
        yield from _parts(part)


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
