"""What a pack's emblem may hold: it is put into pages and papers as it is, so it is shapes and nothing else."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

LONGEST_EMBLEM: Final = 8 * 1024
"""Characters: every page asks for it once."""
_SVG: Final = "{http://www.w3.org/2000/svg}"
_ELSE: Final = ("<!", "<?", "&")
"""Comments, declarations and references: what is written is what is there, and nothing grows when it is read."""
_SHAPES: Final = frozenset(
    ("svg", "g", "path", "circle", "ellipse", "rect", "line", "polygon", "polyline", "title", "defs")
)
_LOADS: Final = re.compile(r"(on\w+|.*href|style|src)", re.IGNORECASE)


def emblem_problems(drawing: str) -> Iterator[str]:
    """Say what is wrong with a drawing, in words for whoever writes packs; nothing where it may be shown."""
    if len(drawing) > LONGEST_EMBLEM:
        yield f"the drawing is longer than {LONGEST_EMBLEM} characters"
        return
    if not drawing.lstrip().startswith("<svg ") or 'xmlns="http://www.w3.org/2000/svg"' not in drawing:
        yield 'the drawing must begin with <svg xmlns="http://www.w3.org/2000/svg"'
    if any(one in drawing for one in _ELSE):
        yield "the drawing has a comment, a declaration or a reference (&…;)"
        return
    try:
        root = ET.fromstring(drawing)  # noqa: S314 - without declarations there is nothing to expand
    except ET.ParseError as error:
        yield f"the drawing is not well-formed: {error}"
        return
    for element in root.iter():
        tag = element.tag.removeprefix(_SVG)
        if tag not in _SHAPES:
            yield f"<{tag}> is not a shape"
        if any(_LOADS.fullmatch(name) or "url(" in value.lower() for name, value in element.items()):
            yield f"<{tag}> loads, styles or runs something"
