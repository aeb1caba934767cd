"""The questions of a service that is asked for online: labels for people, and a small part of JSON Schema for the rest.

What a field may say is on purpose little: text, date, whole number, number, yes or no, or one of a list. There is no
reference, no nesting and no pattern that could take long, so that a form is safe no matter who wrote it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from booking.country.packs.fields import Code, Spec, Words

LONGEST_TEXT: Final = 2000
MOST_TOGETHER: Final = 5
_KEYWORDS: Final = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "boolean": ("const",),
}
LONGEST_WITH_PATTERN: Final = 100
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PATTERN: Final = re.compile(
    r"\^(?:(?:\\[d\\.+()/-]|\[(?:\\.|[^\[\]\\])+\]|[^\\\[\](){}.*+?^$|\n])(?:\?|\{\d{1,2}(?:,\d{1,2})?\})?)*\$"
)
_VARIABLE: Final = re.compile(r"(?<!\\)(?:\?|\{\d+,\d+\})")
_MOST_VARIABLE: Final = 3
"""A hundred characters are split among three parts in at most 180,000 ways: some milliseconds."""


class FieldSchema(Spec):
    """JSON Schema keywords of one answer, spelt as in JSON Schema (draft 2020-12)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    type: Literal["string", "integer", "number", "boolean"]
    min_length: int | None = Field(default=None, alias="minLength", ge=1)
    max_length: int | None = Field(default=None, alias="maxLength", ge=1, le=LONGEST_TEXT)
    pattern: str | None = Field(default=None, max_length=100)
    format: Literal["date"] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    const: Literal[True] | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        for name in self.model_dump(by_alias=True, exclude_none=True, exclude={"type"}):
            if name not in _KEYWORDS[self.type]:
                raise ValueError(f"{name} does not belong to type {self.type}; leave it out")
        if self.type in ("integer", "number") and (self.minimum is None or self.maximum is None):
            raise ValueError("a number needs both minimum and maximum; write the smallest and the largest answer")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        if (self.min_length or 0) > (self.max_length or LONGEST_TEXT):
            raise ValueError(f"minLength {self.min_length} is above maxLength {self.max_length}")
        if self.format and (self.pattern or self.min_length or self.max_length):
            raise ValueError("a date needs nothing but its format; leave out pattern and lengths")
        if self.pattern is not None:
            _is_safe(self.pattern, self.max_length)
        return self


class ChoiceSpec(Spec):
    """One of the answers that can be chosen."""

    code: Code
    name: Words


class FieldSpec(Spec):
    """One question. ``earliest_days`` and ``latest_days`` bound a date, counted from the day of asking (0: today).

    The answer to a ``private`` one is never kept on a phone, not even until it is sent. ``label`` is what the answer is
    called on a document, where ``name`` asks ("Purpose" for "What do you need it for?").
    """

    code: Code
    name: Words
    label: Words | None = None
    hint: Words | None = None
    required: bool = True
    private: bool = False
    answer: FieldSchema
    choices: tuple[ChoiceSpec, ...] = Field(strict=False, default=())
    earliest_days: int | None = Field(default=None, ge=-50_000, le=50_000)
    latest_days: int | None = Field(default=None, ge=-50_000, le=50_000)

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        plain = self.answer.type == "string" and self.answer.format is None
        if self.choices:
            if not plain or self.answer.max_length or self.answer.pattern:
                raise ValueError('with choices the answer is { type = "string" } and nothing more')
            codes = [choice.code for choice in self.choices]
            if len(set(codes)) != len(codes):
                raise ValueError("two choices have the same code")
        elif plain and self.answer.max_length is None:
            raise ValueError("a text needs maxLength, such as maxLength = 120; or a list of choices")
        if self.answer.format != "date" and not (self.earliest_days is None and self.latest_days is None):
            raise ValueError('earliest_days and latest_days belong to format = "date", and only there')
        if self.earliest_days is not None and self.latest_days is not None and self.earliest_days > self.latest_days:
            raise ValueError(f"earliest_days {self.earliest_days} is above latest_days {self.latest_days}")
        return self

    def json_schema(self, say: Callable[[Words], str] | None = None) -> dict[str, Any]:
        """Write the question as JSON Schema, with its label and hint where ``say`` puts them into a language."""
        schema: dict[str, Any] = {}
        if say is not None:
            schema["title"] = say(self.name)
            if self.hint:
                schema["description"] = say(self.hint)
        schema |= self.answer.model_dump(by_alias=True, exclude_none=True)
        if self.choices:
            schema["enum"] = [choice.code for choice in self.choices]
        return schema


def form_schema(fields: Sequence[FieldSpec], say: Callable[[Words], str] | None = None) -> dict[str, Any]:
    """Write the form as one JSON Schema: an object with these answers and no others."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {field.code: field.json_schema(say) for field in fields},
        "required": [field.code for field in fields if field.required],
        "additionalProperties": False,
    }


def form_parts(fields: tuple[FieldSpec, ...]) -> tuple[tuple[FieldSpec, ...], ...]:
    """Return the questions in parts of at most `MOST_TOGETHER`, about equally many in each, as one page asks them."""
    parts = -(-len(fields) // MOST_TOGETHER)
    return tuple(fields[len(fields) * n // parts : len(fields) * (n + 1) // parts] for n in range(parts))


def _is_safe(pattern: str, max_length: int | None) -> None:
    """Refuse what a matcher that goes back could take long over, and what JSON Schema reads differently."""
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise ValueError("a pattern must begin with ^ and end with $, so that it means the whole answer")
    if max_length is None or max_length > LONGEST_WITH_PATTERN:
        raise ValueError(f"with a pattern, maxLength must be given and at most {LONGEST_WITH_PATTERN}")
    if _PATTERN.fullmatch(pattern) is None:
        raise ValueError("a pattern is made of characters, [lists], \\d, and {3}, {1,3} or ? behind them, nothing else")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern cannot be read: {error}") from error
    if len(_VARIABLE.findall(pattern)) > _MOST_VARIABLE:
        raise ValueError(f"a pattern has at most {_MOST_VARIABLE} parts of variable length; this one has more")
