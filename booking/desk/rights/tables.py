"""What the rights of people mean for each table, read from the file beside this one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final


class After(StrEnum):
    """What closing an account leaves of a table."""

    GONE = "gone"
    EMPTIED = "emptied"
    BY_ITS_OWN_RULE = "by_its_own_rule"
    STAYS = "stays"


LEFT: Final[Mapping[str, str]] = {
    "internal": "keys and marks that mean nothing outside",
    "secret": "secrets, or what they could be guessed from",
    "gate": "how the gate judges: it would show how to pass it",
    "others": "who else it was, and what only others told",
    "closed": "the copy is of an open account",
}
"""Why columns of a copied table are not in the copy."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its ``title`` in both languages and the columns in a copy, or why nothing of it is; and its end."""

    after: After
    because: str
    title: tuple[str, str] = ("", "")
    copied: tuple[str, ...] = ()
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_copied: str = ""


@cache
def tables() -> Mapping[str, Table]:
    """Return every table by its name, in the order of the file."""
    text = resources.files("booking.desk.rights").joinpath("tables.toml").read_text(encoding="utf-8")
    return {name: _table(entry) for name, entry in tomllib.loads(text).items()}


def _table(entry: dict[str, object]) -> Table:
    made = dict(entry)
    for name in ("title", "copied"):
        if name in made:
            made[name] = tuple(made[name])  # type: ignore[arg-type]
    made["left"] = {why: tuple(names) for why, names in made.get("left", {}).items()}  # type: ignore[attr-defined]
    return Table(**made | {"after": After(made["after"])})  # type: ignore[arg-type]
