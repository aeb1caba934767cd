"""What is wrong with a country pack, and where."""

from collections.abc import Sequence
from typing import NamedTuple

from typing_extensions import override


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
