"""Which columns say who someone is, how they are compared, and by which keys candidates are found.

A schema is data: the people of a household and a foreign table are linked by the same code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UNKNOWN: Final = -1
"""The level of a part that one of the two does not have; it says nothing."""


class Kind(StrEnum):
    """How a column is compared."""

    NAME = "name"  # a full name in any script: given, middle, family
    WORD = "word"  # a name, a street, a code: one word
    DATE = "date"
    DIGITS = "digits"  # a phone, an identity number


LEVELS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.NAME: ("differs", "alike", "close", "same"),
    Kind.WORD: ("differs", "alike", "close", "same"),
    Kind.DATE: ("differs", "near", "swapped", "same"),
    Kind.DIGITS: ("differs", "one_off", "same"),
}
"""From no agreement to full agreement; a level's place is its number. What each is worth is learned, not set here."""
NAME_PARTS: Final = ("given", "middle", "family")


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is compared.

    Parameters
    ----------
    column
        Its name in the frame.
    kind
        How it is compared.
    required
        A part (of a name; "" for the whole) in which people who differ are never one: twins share all but it.
    rare_counts
        Whether agreeing on a rare value says more than on a common one.
    silent_within
        A column; the field says nothing about two with the same value in it. "" for none.
    last_digits
        Of digits so many at the end are compared: a phone is the same with its country's code and without.
    """

    column: str
    kind: Kind
    required: str | None = None
    rare_counts: bool = False
    silent_within: str = ""
    last_digits: int = 20

    def parts(self) -> Iterator["Part"]:
        """Yield what is compared: a name's given, middle and family name one by one."""
        if self.kind is Kind.NAME:
            yield from (Part(f"{self.column}.{name}", self, name) for name in NAME_PARTS)
        else:
            yield Part(self.column, self, "")


@dataclass(frozen=True, slots=True)
class Part:
    """What is compared on its own; ``name`` is the key in results and weights."""

    name: str
    field: Field
    of_name: str

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of its levels, by number."""
        return LEVELS[self.field.kind]

    @property
    def required(self) -> bool:
        """Whether two who differ here are never the same."""
        return self.field.required == self.of_name


@dataclass(frozen=True, slots=True)
class Schema:
    """Fields, and blocks: two are compared where all key parts of at least one block are equal.

    Parameters
    ----------
    fields
        What is compared.
    blocks
        Each a tuple of a part and a view of it: of a word ``start`` (of its sound), ``sound``, ``word``; of a date
        ``day`` (day and month in either order), ``month``, ``year``; of digits ``all``.
    largest_block
        Of a key that more records share, no pair is made: it says too little, and its pairs would be too many.
    """

    fields: tuple[Field, ...]
    blocks: tuple[tuple[tuple[str, str], ...], ...]
    largest_block: int = 100

    def parts(self) -> tuple[Part, ...]:
        """Return all parts, in the order of the fields."""
        return tuple(part for field in self.fields for part in field.parts())

    def columns(self) -> set[str]:
        """Return the columns that a frame must have."""
        return {field.column for field in self.fields} | {
            field.silent_within for field in self.fields if field.silent_within
        }


PEOPLE: Final = Schema(
    fields=(
        # Brothers, sisters and twins share family, father, phone and sometimes the birth date: never the given name.
        Field("name", Kind.NAME, required="given", rare_counts=True),
        Field("birth_date", Kind.DATE, rare_counts=True),
        # An account has one phone for its whole household.
        Field("phone", Kind.DIGITS, silent_within="household", last_digits=9),
        Field("national_number", Kind.DIGITS),
    ),
    blocks=(
        (("phone", "all"), ("name.given", "start")),
        (("national_number", "all"),),
        (("birth_date", "day"), ("name.given", "start")),
        (("birth_date", "day"), ("name.family", "start")),
        (("birth_date", "month"), ("name.given", "start"), ("name.family", "sound")),
        (("birth_date", "year"), ("name.given", "sound"), ("name.middle", "sound"), ("name.family", "start")),
    ),
)
"""One row a person: ``name`` as typed (any script), ``birth_date`` (a date), ``phone`` and ``national_number`` (digits,
"" where unknown), ``household`` (equal within an account, "" where unknown)."""
