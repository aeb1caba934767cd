"""Markdown that runs in a language's direction, in every editor of notebooks and in what they export."""

from typing import Literal


def directed(markdown: str, direction: Literal["ltr", "rtl"]) -> str:
    """Return Markdown as it is where it runs from left to right, else inside an element that says so."""
    return markdown if direction == "ltr" else f'<div dir="{direction}">\n\n{markdown}\n\n</div>'
