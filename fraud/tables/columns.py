"""The kinds of columns, and what is known of one: its kind, the evidence, and how its cells are read."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fraud.tables.forms import Form


class Kind(StrEnum):
    """How a column is read. Those of ``LEFT_OUT`` teach nothing."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    KEY = "key"
    CONSTANT = "constant"
    IDENTIFIER = "identifier"
    RUNNING = "running"


LEFT_OUT: Final = frozenset({Kind.CONSTANT, Kind.IDENTIFIER, Kind.RUNNING})
SAYABLE: Final = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.DATE, Kind.TEXT, Kind.KEY, Kind.IDENTIFIER})
"""Kinds that a person can say a column is of."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, why in words, how its dates are written, and whether a person said of what kind it is."""

    name: str
    kind: Kind
    why: str = ""
    form: Form = field(default_factory=Form)
    asked: bool = False
