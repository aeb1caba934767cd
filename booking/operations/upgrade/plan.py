"""The plan of an upgrade: each missing migration, what it locks, about how long, and whether old code may go on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final, Self

import psycopg

from booking.country.core.schema import Beside, beside, pending_migrations, read_schema
from booking.country.core.schema_changes import Left, list_left
from booking.operations.upgrade.statements import Effect, Stops, UnknownStatementError, Work, effects_of
from booking.platform.base.libpq import libpq_parameters

NOTICED: Final = 1.0
"""Seconds of waiting that people notice."""
_ROWS: Final = """
    SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
_TABLES: Final = """
    SELECT i.relname, t.relname FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
    WHERE t.relnamespace = 'public'::regnamespace
    UNION ALL SELECT conname, relname FROM pg_constraint JOIN pg_class t ON t.oid = confrelid
    WHERE connamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One migration.

    Attributes
    ----------
    effects
        What it does to tables that are there; None where that is not foreseen, and ``why_not`` says why.
    rows
        How many rows each table has, as the database reckons.
    """

    revision: str
    says: str
    beside: Beside
    effects: Sequence[Effect] | None
    why_not: str
    rows: Mapping[str, int]

    def seconds(self, effect: Effect) -> float:
        """Return about how long one effect takes."""
        return effect.work.value * self.rows.get(effect.table, 0) / 1e6

    @property
    def stopped(self) -> Mapping[str, tuple[Stops, float]]:
        """By table: whom it stops at most, and for how many seconds: a lock is held until the migration ends."""
        left, found = 0.0, dict[str, tuple[Stops, float]]()
        order = list(Stops)
        for effect in reversed(self.effects or ()):
            left += self.seconds(effect)
            if effect.stops is not Stops.NOBODY:
                stops, _ = found.get(effect.table, (effect.stops, 0.0))
                found[effect.table] = (max(stops, effect.stops, key=order.index), left)
        return found

    @property
    def contracts(self) -> list[Effect]:
        """What code of the version before may not meet."""
        return [one for one in self.effects or () if one.contracts]


@dataclass(frozen=True, slots=True)
class Plan:
    """What leads from the database's schema to this version's; ``left`` is for when no earlier version lives."""

    found: str | None
    needed: str
    steps: Sequence[Step]
    left: Sequence[Left] = ()

    def lines(self) -> Iterator[str]:
        """Yield the plan for people."""
        if not self.steps:
            yield f"schema {self.needed} is up to date: " + ("see what is left" if self.left else "nothing will happen")
            yield from self._lines_of_left()
            return
        yield f"schema {self.found or 'nothing'} becomes {self.needed} in {len(self.steps)} steps, a transaction each"
        for step in self.steps:
            yield f"{step.revision}: {step.says}"
            if step.effects is None:
                yield f"    not foreseen: {step.why_not}"
            for effect in step.effects or ():
                about = f"about {step.rows.get(effect.table, 0):,} rows, {step.seconds(effect):.1f} s"
                yield f"    {effect.table}: {effect.what} ({about})"
            for table, (stops, seconds) in step.stopped.items():
                yield f"    {table}: {stops.value} waits about {seconds:.1f} s" + (" (!)" if seconds > NOTICED else "")
        yield from self._lines_of_left()
        for kept in (Beside.NOBODY, Beside.PAGES):
            if which := ", ".join(step.revision for step in self.steps if step.beside is kept):
                whom = "the version before" if kept is Beside.NOBODY else "workers of the version before"
                words = kept.words
                yield f"{words[0].upper()}{words[1:]} first: {whom} cannot run beside {which}."
                break
        else:
            yield "Leave Mawid running: processes of the version before may go on beside it."
        yield "Back up first: `mawid backup --verify`. Times are of an idle machine: allow three times as much."

    def _lines_of_left(self) -> Iterator[str]:
        for one in self.left:
            yield f"later: {one.words}"


def read_plan(url: str) -> Plan:
    """Return what `mawid migrate` would do to the database at ``url``; nothing is locked or changed.

    Raises
    ------
    SchemaError
        The database's schema is newer than this version, or from before the first release.
    """
    schema = read_schema(url)
    with psycopg.connect(**libpq_parameters(url)) as connection:
        connection.read_only = True
        rows, tables = (dict(connection.execute(one).fetchall()) for one in (_ROWS, _TABLES))
    steps = [step_of(module, rows, tables) for module in pending_migrations(schema.found)]
    return Plan(schema.found, schema.needed, steps, list_left(url))


def step_of(module: ModuleType, rows: Mapping[str, int], tables: Mapping[str, str]) -> Step:
    """Return what one migration does, by letting it speak to a recorder instead of a database.

    Parameters
    ----------
    rows
        How many each table has.
    tables
        The table of each index, and the one that each foreign key names.
    """
    effects: Sequence[Effect] | None = None
    why_not = ""
    try:
        effects = tuple(_placed(effects_of(statements_of(module)), tables))
    except UnknownStatementError as error:
        why_not = f"{error} …: read the migration"
    except AnswerNeededError:
        why_not = "it asks the database before it acts: read the migration"
    says = (module.__doc__ or "").partition("\n")[0]
    return Step(module.revision, says, beside(module), effects, why_not, rows)


def _placed(effects: Iterator[Effect], tables: Mapping[str, str]) -> Iterator[Effect]:
    """Yield effects with the table of each index, and what locks the other table of a foreign key that is removed."""
    for effect in effects:
        yield replace(effect, table=tables.get(effect.table, effect.table))
        named = tables.get(effect.what.removeprefix("DROP CONSTRAINT "), effect.table)
        if named != effect.table:
            yield Effect(named, "is named by a key no more", Stops.EVERYBODY, Work.NONE)


class AnswerNeededError(Exception):
    """A migration wants an answer from the database."""


def statements_of(module: ModuleType) -> str:
    """Return all that a migration would send; raises AnswerNeededError where that depends on an answer."""
    recorder, given = _Recorder(), getattr(module, "op", None)
    module.op = recorder  # type: ignore[attr-defined] # migrations speak to this name alone
    try:
        module.upgrade()
    except AttributeError:
        raise AnswerNeededError(module.revision) from None
    finally:
        module.op = given  # type: ignore[attr-defined]
    return ";\n".join(recorder.sent)


class _Recorder:
    """Takes the place of Alembic's ``op`` and of the driver's connection, and keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def execute(self, statement: Any) -> None:
        """Keep a statement, text or SQLAlchemy's; there is no answer."""
        self.sent.append(str(statement))

    def get_bind(self) -> Self:
        """Return itself: the connection is recorded too."""
        return self

    @property
    def connection(self) -> Self:
        """The same as SQLAlchemy's connection of a driver."""
        return self

    @property
    def driver_connection(self) -> Self:
        """The same as the driver's own."""
        return self
