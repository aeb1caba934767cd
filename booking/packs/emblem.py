"""What a pack's emblem may hold: it is put into pages and papers as it is, so it is shapes and nothing else."""

import re
from collections.abc import Iterator
from typing import Final

LONGEST_EMBLEM: Final = 8 * 1024
"""Characters: every page asks for it once."""
_TAG: Final = re.compile(r"<\s*/?\s*([^\s/>]*)([^>]*)>")
_SHAPES: Final = frozenset(
    ("svg", "g", "path", "circle", "ellipse", "rect", "line", "polygon", "polyline", "title", "defs")
)
_LOADS: Final = re.compile(r"\b(on\w+|(?:xlink:)?href|style|src)\s*=|url\(", re.IGNORECASE)


def emblem_problems(drawing: str) -> Iterator[str]:
    """Say what is wrong with a drawing, in words for whoever writes packs; nothing where it may be shown."""
    if len(drawing) > LONGEST_EMBLEM:
        yield f"the drawing is longer than {LONGEST_EMBLEM} characters"
        return
    if not drawing.lstrip().startswith("<svg ") or 'xmlns="http://www.w3.org/2000/svg"' not in drawing:
        yield 'the drawing must begin with <svg xmlns="http://www.w3.org/2000/svg"'
    for tag in _TAG.finditer(drawing):
        if tag[1] not in _SHAPES:
            yield f"<{tag[1]}> is not a shape"
        if _LOADS.search(tag[2]):
            yield f"<{tag[1]}> loads, styles or runs something"
