"""What is wrong with a file, for the person who edits it: what was expected there, and what to write instead."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Final

from booking.country.packs.fields import Spec
from booking.country.packs.positions import KeyPath

_WHAT_TO_WRITE: Final = {
    "int_type": "write a whole number without quotes, such as 25",
    "decimal_type": "write a number without quotes, such as 25",
    "is_instance_of": "write a number without quotes, such as 25",
    "string_type": 'write a text in quotes, such as "damascus"',
    "bool_type": "write true or false, without quotes",
    "tuple_type": 'write a list in square brackets, such as ["lost", "stolen"]',
    "model_type": 'write a table: "key = value" lines under a [header]',
    "dict_type": 'write one text a language, such as name.ar = "…" and name.en = "…"',
    "date_type": "write a day as 2026-11-24, without quotes",
    "string_too_long": "shorten it",
    "string_pattern_mismatch": (
        "a code is small Latin letters, digits and dashes, such as birth-registration; a text is not empty"
    ),
    "greater_than_equal": "write a larger number",
    "less_than_equal": "write a smaller number",
    "too_short": "write at least one",
}
"""By Pydantic's kinds of errors; a message that already says what to write has none."""
_SAID_PLAINLY: Final = {"is_instance_of": "Input should be a number"}
"""Where Pydantic names a class of Python."""
_IN_TOML: Final = {
    "Expected '=' after a key": "write each line as key = value",
    "Invalid statement": 'write each line as key = value, or as a [header]; a line that begins with "#" is a remark',
    "Invalid value": 'a text stands in "quotes", a number and true or false do not',
    "Cannot overwrite": "the same key or header stands in this file twice; take one of them out",
    "Cannot declare": "the same header stands in this file twice; take one of them out",
    "Illegal character '\\n'": 'close the text with " on the same line',
    "Unterminated string": 'close the text with "',
    "Expected newline": "begin each key = value on a line of its own, and close every quote and bracket",
    "Unclosed array": "close the list with ]",
    "Unclosed inline table": "close the braces with }",
    "Expected ']": "close the header with ]",
    "Unescaped '\\\\'": "write a backslash twice, or the text in 'single quotes'",
}
"""By how the messages of `tomllib` begin."""


def of_toml(message: str) -> str:
    """Return words for a mistake of the language TOML, and what to write."""
    fix = next((words for start, words in _IN_TOML.items() if message.startswith(start)), None)
    return f"{message}; {fix}" if fix else message


def of_model(kind: str, message: str, path: KeyPath) -> str:
    """Return words for what is wrong with a value at ``path``; ``kind`` and ``message`` are Pydantic's."""
    keys = [part for part in path if isinstance(part, str)]
    name = ".".join(keys) or "the file"
    if kind == "missing":
        return f"{name} is missing; write it, such as {keys[-1] if keys else 'code'} = …"
    if kind == "extra_forbidden":
        nearest = get_close_matches(keys[-1], _known_keys(), n=1) if keys else []
        return f"unknown key {name}; " + (f'did you mean "{nearest[0]}"?' if nearest else "take it out")
    fix = _WHAT_TO_WRITE.get(kind)
    told = f"{name}: {_SAID_PLAINLY.get(kind) or message.removeprefix('Value error, ')}"
    return f"{told}; {fix}" if fix else told


@cache
def _known_keys() -> tuple[str, ...]:
    """Return every key of every part of a pack."""
    return tuple(sorted({key for model in _parts(Spec) for key in model.model_fields}))


def _parts(model: type[Spec]) -> Iterator[type[Spec]]:
    yield model
    for part in model.__subclasses__():
        yield from _parts(part)
