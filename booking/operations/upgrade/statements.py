"""What statements of a migration lock, what they read or write, and which of them old code may not meet.

The levels of locks are those of PostgreSQL's manual, chapter 13.3, and of its pages on ALTER TABLE and CREATE INDEX.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final


class Stops(Enum):
    """Whom a lock keeps waiting until the migration's transaction ends, the weakest first."""

    NOBODY = "nobody"
    WRITERS = "who writes"
    EVERYBODY = "who reads or writes"


class Work(Enum):
    """What a statement does with the rows of its table; the value is seconds for a million of them, measured."""

    NONE = 0.0
    READS = 0.4
    INDEXES = 1.5
    WRITES = 12.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What one statement does to one table.

    Attributes
    ----------
    contracts
        Why code of the version before may fail beside it, "" where it cannot.
    """

    table: str
    """Or the index, where one is removed: the database knows of which table."""
    what: str
    stops: Stops
    work: Work
    contracts: str = ""


_WRITES_OTHERWISE: Final = "the version before may write what it refuses"
_READS_OTHERWISE: Final = "the version before still reads or writes what it takes away"

_NAME: Final = r"(?:public\.)?\"?(\w+)\"?"
_SPLIT: Final = re.compile(r"(\$\w*\$).*?\1|'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|(;)", re.DOTALL)
_BODY: Final = re.compile(r"(\$\w*\$).*?\1|'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_SAFE_DEFAULT: Final = re.compile(r"DEFAULT (?!\w+\()", re.IGNORECASE)
_ALTER: Final = re.compile(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_NAME} (.*)", re.IGNORECASE)

_ACTIONS: Final[Sequence[tuple[str, Stops, Work, str]]] = (
    (r"ADD (?:CONSTRAINT \w+ )?CHECK .* NOT VALID", Stops.EVERYBODY, Work.NONE, _WRITES_OTHERWISE),
    (r"ADD (?:CONSTRAINT \w+ )?FOREIGN KEY .* NOT VALID", Stops.WRITERS, Work.NONE, _WRITES_OTHERWISE),
    (r"VALIDATE CONSTRAINT", Stops.NOBODY, Work.READS, ""),
    (r"ADD (?:CONSTRAINT \w+ )?(?:PRIMARY KEY|UNIQUE) USING INDEX", Stops.EVERYBODY, Work.NONE, _WRITES_OTHERWISE),
    (r"ADD (?:CONSTRAINT \w+ )?(?:PRIMARY KEY|UNIQUE|EXCLUDE)", Stops.EVERYBODY, Work.INDEXES, _WRITES_OTHERWISE),
    (r"ADD (?:CONSTRAINT \w+ )?CHECK", Stops.EVERYBODY, Work.READS, _WRITES_OTHERWISE),
    (r"ADD (?:CONSTRAINT \w+ )?FOREIGN KEY", Stops.WRITERS, Work.READS, _WRITES_OTHERWISE),
    (r"DROP CONSTRAINT", Stops.EVERYBODY, Work.NONE, ""),
    (r"DROP (?:COLUMN )?\w+", Stops.EVERYBODY, Work.NONE, _READS_OTHERWISE),
    (r"RENAME", Stops.EVERYBODY, Work.NONE, _READS_OTHERWISE),
    (r"ALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE", Stops.EVERYBODY, Work.WRITES, _READS_OTHERWISE),
    (r"ALTER (?:COLUMN )?\w+ SET NOT NULL", Stops.EVERYBODY, Work.READS, _WRITES_OTHERWISE),
    (r"ALTER (?:COLUMN )?\w+ DROP DEFAULT", Stops.EVERYBODY, Work.NONE, _WRITES_OTHERWISE),
    (r"ALTER (?:COLUMN )?\w+ ", Stops.EVERYBODY, Work.NONE, ""),
    (r"SET \(", Stops.NOBODY, Work.NONE, ""),
    (r"(?:ENABLE|DISABLE) TRIGGER", Stops.WRITERS, Work.NONE, ""),
)
_STATEMENTS: Final[Sequence[tuple[str, str, Stops, Work, str]]] = (
    (rf"CREATE INDEX CONCURRENTLY .*? ON {_NAME}", "builds an index", Stops.NOBODY, Work.INDEXES, ""),
    (rf"CREATE UNIQUE INDEX .*? ON {_NAME}", "builds an index", Stops.WRITERS, Work.INDEXES, _WRITES_OTHERWISE),
    (rf"CREATE INDEX .*? ON {_NAME}", "builds an index", Stops.WRITERS, Work.INDEXES, ""),
    (rf"CREATE (?:CONSTRAINT )?TRIGGER .*? ON {_NAME}", "adds a guard", Stops.WRITERS, Work.NONE, _WRITES_OTHERWISE),
    (rf"DROP TRIGGER .*? ON {_NAME}", "removes a guard", Stops.EVERYBODY, Work.NONE, ""),
    (rf"DROP TABLE (?:IF EXISTS )?{_NAME}", "removes the table", Stops.EVERYBODY, Work.NONE, _READS_OTHERWISE),
    (rf"TRUNCATE (?:TABLE )?{_NAME}", "empties the table", Stops.EVERYBODY, Work.NONE, _READS_OTHERWISE),
    (rf"UPDATE (?:ONLY )?{_NAME}", "changes rows", Stops.NOBODY, Work.WRITES, ""),
    (rf"DELETE FROM (?:ONLY )?{_NAME}", "removes rows", Stops.NOBODY, Work.WRITES, ""),  # noqa: S608 - a pattern
    (rf"INSERT INTO {_NAME}", "adds rows", Stops.NOBODY, Work.NONE, ""),
)
_HARMLESS: Final = re.compile(
    r"(CREATE (OR REPLACE )?(FUNCTION|TYPE|SEQUENCE|EXTENSION|VIEW)|DROP FUNCTION|COMMENT|GRANT|REVOKE|SET)\b"
    r"|SELECT\b",
    re.IGNORECASE,
)


def split(script: str) -> Iterator[str]:
    """Yield the statements of a script, without comments; a semicolon in a text or a function's body ends none."""
    begin = 0
    for found in _SPLIT.finditer(script):
        if found[2]:
            yield from _cleaned(script[begin : found.start()])
            begin = found.end()
    yield from _cleaned(script[begin:])


def effects_of(script: str) -> Iterator[Effect]:
    """Yield what each statement of a migration does to tables that were there before it.

    Raises
    ------
    UnknownStatementError
        A statement is of a kind that is not known here.
    """
    made: set[str] = set()
    added: dict[str, set[str]] = {}
    for statement in split(script):
        if new := re.match(rf"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?{_NAME}", statement, re.IGNORECASE):
            made.add(new[1])
            for target in sorted({*re.findall(rf"REFERENCES {_NAME}", statement, re.IGNORECASE)} - made):
                yield Effect(target, "is named by a new table", Stops.WRITERS, Work.NONE)
            continue
        for effect in _effects_of_one(statement):
            if effect.table not in made:
                yield _beside_new_columns(effect, statement, added.setdefault(effect.table, set()))


class UnknownStatementError(ValueError):
    """A statement is of a kind whose locks are not known here; the message has its first words."""


def _beside_new_columns(effect: Effect, statement: str, added: set[str]) -> Effect:
    """Return the effect, harmless to old code where all that it is about are columns that the same migration adds.

    Old code leaves such a column at its default. Keywords are written in capital letters here, names in small ones.
    """
    added |= set(re.findall(r"ADD COLUMN (\w+)", statement))
    about = re.search(r"\bCHECK\b(.*)|\b(?:UNIQUE|KEY) (\(.*)", effect.what) if effect.contracts else None
    if about is None:
        return effect
    names = set(re.findall(r"\b([a-z_]\w*)\b(?! ?\()", about[1] or about[2]))
    return replace(effect, contracts="") if names and names <= added else effect


def _effects_of_one(statement: str) -> Iterator[Effect]:
    if altered := _ALTER.match(statement):
        table, actions = altered.groups()
        for action in _actions(actions):
            yield _action(table, action)
            for target in re.findall(rf"REFERENCES {_NAME}", action, re.IGNORECASE):
                yield Effect(target, "is named by a new key", Stops.WRITERS, Work.NONE)
        return
    if dropped := re.match(r"DROP INDEX (?:IF EXISTS )?(.*)", statement, re.IGNORECASE):
        for index in dropped[1].replace(",", " ").split():
            yield Effect(index, "removes an index", Stops.EVERYBODY, Work.NONE)
        return
    for pattern, what, stops, work, contracts in _STATEMENTS:
        if found := re.match(pattern, statement, re.IGNORECASE):
            yield Effect(found[1], what, stops, work, contracts)
            return
    if not _HARMLESS.match(statement):
        raise UnknownStatementError(" ".join(statement.split()[:6]))


def _action(table: str, action: str) -> Effect:
    for pattern, stops, work, contracts in _ACTIONS:
        if re.match(pattern, action, re.IGNORECASE):
            return Effect(table, action, stops, work, contracts)
    if re.match(r"ADD (?:COLUMN )?\w+ ", action, re.IGNORECASE):
        has_default = re.search(r"\bDEFAULT\b", action, re.IGNORECASE)
        filled = (has_default and not _SAFE_DEFAULT.search(action)) or re.search(r"\bSTORED\b", action)
        needed = re.search(r"NOT NULL", action, re.IGNORECASE) and not has_default
        return Effect(
            *(table, action, Stops.EVERYBODY, Work.WRITES if filled else Work.NONE),
            _WRITES_OTHERWISE if needed else "",
        )
    raise UnknownStatementError(f"ALTER TABLE {table} {' '.join(action.split()[:4])}")


def _actions(text: str) -> Iterator[str]:
    """Yield the actions of ALTER TABLE: what stands between commas outside of parentheses."""
    depth = begin = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield text[begin:place].strip()
            begin = place + 1
    yield text[begin:].strip()


def _cleaned(statement: str) -> Iterator[str]:
    bare = " ".join(_BODY.sub(lambda found: "" if found[0].startswith(("--", "/*")) else "''", statement).split())
    if bare:
        yield bare
