"""Which declared path an address has, found by its segments: before any route is tried, in a few microseconds."""

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Found = TypeVar("Found")
_PARAMETER = re.compile(r"{\w+}")


@dataclass(slots=True)
class _Node(Generic[Found]):
    """What can follow the segments up to here; ``found`` is what ends here."""

    words: dict[str, "_Node[Found]"] = field(default_factory=dict)
    forms: list[tuple[re.Pattern[str], "_Node[Found]"]] = field(default_factory=list)
    found: Found | None = None


class Paths(Generic[Found]):
    """Values by path, as in ``/draws/{reference}``; a plain word comes before a parameter."""

    def __init__(self) -> None:
        self._root: _Node[Found] = _Node()

    def add(self, path: str, value: Found) -> None:
        """Put a value at a path; the first one at it stays."""
        node = self._root
        for segment in path.split("/"):
            node = _step(node, segment)
        if node.found is None:
            node.found = value

    def find(self, address: str) -> Found | None:
        """Return the value of the path that an address has; None where it has none."""
        return _find(self._root, address.split("/"), 0)


def _step(node: _Node[Found], segment: str) -> _Node[Found]:
    if "{" not in segment:
        return node.words.setdefault(segment, _Node())
    pattern = "[^/]+".join(map(re.escape, _PARAMETER.split(segment)))
    known = next((after for form, after in node.forms if form.pattern == pattern), None)
    if known is None:
        node.forms.append((re.compile(pattern), known := _Node()))
    return known


def _find(node: _Node[Found], segments: list[str], place: int) -> Found | None:
    if place == len(segments):
        return node.found
    word = node.words.get(segments[place])
    if word is not None and (found := _find(word, segments, place + 1)) is not None:
        return found
    for form, after in node.forms:
        if form.fullmatch(segments[place]) and (found := _find(after, segments, place + 1)) is not None:
            return found
    return None
