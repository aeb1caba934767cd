"""On which line each key and element of a TOML text stands.

The standard parser gives values without positions. This scanner gives positions without values: it walks a text
that the parser has already accepted, so it needs to know where things begin and end, and not what they mean.
"""

import re
import tomllib
from bisect import bisect_left
from typing import Final, TypeAlias

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
