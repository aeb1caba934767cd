"""What the drawing engine returns, made fit for a page: small, mirrored for Arabic, readable by screen readers."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from api.i18n import Words

_SVG: Final = "http://www.w3.org/2000/svg"
_CLIP: Final = f"{{{_SVG}}}clipPath"
_FONTS: Final = "'IBM Plex Sans Arabic','Noto Sans Arabic',system-ui,sans-serif"
_LONG: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_LOCAL: Final = re.compile(r"url\(#([^)]+)\)")
_DROPPED: Final = frozenset({"class", "role", "pointer-events", "font-family"})
_DEFAULTS: Final = frozenset(
    {("opacity", "1"), ("fill-opacity", "1"), ("stroke-width", "1"), ("transform", "translate(0,0)")}
)
_OTHER_END: Final = {"start": "end", "end": "start"}
_DARK_INK: Final = "#14211d"
_RIGHT_TO_LEFT, _POP = "\u2067", "\u2069"


def finish(drawn: str, *, name: str, title: str, summary: str, words: Words, paper: bool = False) -> str:
    """Make an engine's SVG fit for a page.

    It becomes one image with a title and a description, keeps nothing that is not seen, takes its font and its ink
    from the page, writes digits as ``words`` does, and runs from right to left where the language does. Identifiers
    begin with ``name``, so that several can stand on one page. On ``paper`` it brings its own white ground and dark
    ink instead, for a notebook in whatever theme.
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(drawn)  # noqa: S314 - drawn by our own engine from our own figures
    width, height = root.get("width", "0"), root.get("height", "0")
    for element in root.iter():
        _clean(element, name)
    _prune(root)
    for text in root.iter(f"{{{_SVG}}}text"):
        _say(text, words)
    content = list(root)
    root.clear()
    root.attrib.update(
        {
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-summary",
            "direction": "ltr",
            "font-family": _FONTS,
        }
    )
    for tag, words_of_it in (("title", title), ("desc", summary)):
        ET.SubElement(
            root, f"{{{_SVG}}}{tag}", {"id": f"{name}-{'title' if tag == 'title' else 'summary'}"}
        ).text = words_of_it
    if paper:
        root.set("color", _DARK_INK)
        ET.SubElement(root, f"{{{_SVG}}}rect", {"width": width, "height": height, "fill": "#fff"})
    mirror = {"transform": f"translate({width},0) scale(-1,1)"} if words.direction == "rtl" else {}
    ET.SubElement(root, f"{{{_SVG}}}g", mirror).extend(content)
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element, name: str) -> None:
    for key, value in list(element.attrib.items()):
        if key in _DROPPED or key.startswith("aria-") or (key, value) in _DEFAULTS:
            del element.attrib[key]
        elif key == "id":
            element.set(key, f"{name}-{value}")
        else:
            element.set(key, _LONG.sub(_short, _LOCAL.sub(rf"url(#{name}-\1)", value)))


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")


def _prune(element: ET.Element) -> None:
    """Take out what is not seen, and groups that only hold one thing."""
    for child in list(element):
        _prune(child)
    element[:] = list(_seen(element))


def _seen(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        tag = child.tag.removeprefix(f"{{{_SVG}}}")
        empty_group = tag == "g" and len(child) == 0
        empty_path = tag == "path" and ("display" in child.attrib or not {"fill", "stroke"} & set(child.attrib))
        if tag == "g" and not child.attrib:
            yield from child
        elif element.tag == _CLIP or not (empty_group or empty_path):
            yield child


def _say(text: ET.Element, words: Words) -> None:
    for part in text.iter():
        if part.text:
            part.text = words.digits(part.text)
            if words.direction == "rtl" and _ARABIC.search(part.text):
                part.text = f"{_RIGHT_TO_LEFT}{part.text}{_POP}"
    if words.direction == "rtl":
        text.set("transform", f"{text.get('transform', '')} scale(-1,1)".strip())
        text.set("text-anchor", _OTHER_END.get(text.get("text-anchor", "start"), "middle"))
