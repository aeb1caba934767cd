"""Steps that take away what only earlier versions need: each is done once no process of those lives, and not before.

A step is a file of SQL in ``booking/platform/migrations/contracts``, which begins with a comment that says what it
does. Its name begins with the number of the migration whose code is the first that can do without.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from booking.country.core import presence
from booking.country.core.schema_changes import LOCK, InUseError, changing_engine, engine_of_changes, until_free

FOLDER: Final = Path(__file__).parents[2] / "platform" / "migrations" / "contracts"

_OWNER: Final = "the role that owns the schema: `mawid migrate`"
_DONE: Final = text("SELECT name FROM contract_step")
_THERE: Final = text("SELECT to_regclass('contract_step') IS NOT NULL")
_TAKE: Final = text(
    "INSERT INTO contract_step (name, done_at) VALUES (:name, now()) ON CONFLICT DO NOTHING RETURNING name"
)


class Contract(NamedTuple):
    """One step: its name, what it does in words, and its statements."""

    name: str
    says: str
    script: str

    @property
    def number(self) -> str:
        """The migration whose code can do without what it takes away."""
        return self.name[:4]


class Left(NamedTuple):
    """A step that is left for later, and for whom, in words; for nobody, where nothing keeps it."""

    contract: Contract
    waits_for: Sequence[str]

    @property
    def words(self) -> str:
        """What is left and why, for administrators."""
        whom = "; ".join(self.waits_for) or "nobody: `mawid migrate` does it"
        return f"{self.contract.name} ({self.contract.says}) waits for {whom}"


def all_contracts() -> list[Contract]:
    """Return every step of this version, in order."""
    found = []
    for file in sorted(FOLDER.glob("*.sql")):
        script = file.read_text(encoding="utf-8")
        found.append(Contract(file.stem, script.partition("\n")[0].removeprefix("--").strip().rstrip("."), script))
    return found


def list_left(url: str) -> list[Left]:
    """Return the steps that are not done yet, with those for whom they wait; takes no lock."""
    with engine_of_changes(url).connect() as connection:
        return [Left(one, presence.older_than(connection, one.number)) for one in _pending(connection)]


def finish(url: str, *, patience: timedelta) -> list[Left]:
    """Do every step for which nobody has to wait, in order, and return those that are left.

    The schema is this version's already. A table that is in use keeps a step as an old process does.

    Parameters
    ----------
    patience
        How long a step waits for a table in use.
    """
    engine = changing_engine(url, patience)
    left = list_left(url)
    while left and not left[0].waits_for:
        try:
            until_free(partial(_do, engine, left[0].contract), engine, patience)
        except InUseError as error:
            return [Left(left[0].contract, [f"the longest transaction, that of {error}"]), *left[1:]]
        except ProgrammingError as error:
            if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise
            return [Left(one.contract, one.waits_for or [_OWNER]) for one in left]
        left = list_left(url)
    return left


def finish_in_time(url: str, *, within: timedelta) -> list[Left]:
    """Do all steps, waiting so long for those who keep them; return what is left then."""
    return presence.wait_for_end(partial(finish, url, patience=within), within)


def _do(engine: Engine, contract: Contract) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if connection.scalar(_TAKE, {"name": contract.name}) is None:
            return  # another start was first
        connection.exec_driver_sql(contract.script)


def _pending(connection: Connection) -> list[Contract]:
    done = set(connection.scalars(_DONE)) if connection.scalar(_THERE) else set()
    return [one for one in all_contracts() if one.name not in done]
