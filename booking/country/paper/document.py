"""What a document says, whatever it looks like."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Both:
    """The same words in Arabic and English."""

    ar: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a document says of somebody or something: a name, and a value beside it."""

    name: Both
    value: Both


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code: what it holds, what it is for, and where to go and what to type without a camera."""

    holds: str
    caption: Both
    page: str
    number: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document: who issues it (the state first), what it is called, what it states, and how it is checked.

    ``emblem`` is an SVG drawing; ``foot`` says whose service made it. The same document is the same file each time, so
    ``made_at`` is an instant of what it is about, not of drawing.
    """

    emblem: str
    issuers: tuple[Both, ...]
    title: Both
    statement: Both | None
    lines: tuple[Line, ...]
    square: Square
    foot: Both
    made_at: datetime


def same(value: str) -> Both:
    """Return a name, number or day, which is written alike in both languages."""
    return Both(value, value)
