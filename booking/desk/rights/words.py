"""How the page in a copy calls the columns, in both languages."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def column_words() -> Mapping[str, tuple[str, str]]:
    """Return the Arabic and English words of each column, by the name that the copy gives it."""
    text = resources.files("booking.desk.rights").joinpath("words.toml").read_text(encoding="utf-8")
    return {name: (words[0], words[1]) for name, words in tomllib.loads(text).items()}
