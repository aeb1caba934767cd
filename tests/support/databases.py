"""Databases of tests: each a copy of a template, made and dropped by one connection of this process."""

import uuid
from collections.abc import Iterator
from typing import Self

import psycopg
from sqlalchemy import make_url

from booking.platform.base.db import TIME_LIMITS
from booking.platform.embedded import EmbeddedPostgres, roles
from tests.support.roles import servers_of


class Databases:
    """One server's databases, in the hands of its superuser."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._connection = psycopg.connect(postgres.dsn, autocommit=True, prepare_threshold=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def has(self, name: str) -> bool:
        """Return whether there is a database of that name."""
        found = self._connection.execute("select from pg_database where datname = %s", [name])
        return found.fetchone() is not None

    def copy(self, template: str) -> str:
        """Copy a database file by file, as without a log to write it takes a third of the time; return its address."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(f"create database {name} owner {roles.OWNER} template {template} strategy file_copy")
        return self._address(name)

    def rename(self, url: str, name: str) -> None:
        """Give a database another name."""
        self._run(f"alter database {make_url(url).database} rename to {name}")

    def until_dropped(self, url: str) -> Iterator[str]:
        """Yield an address and drop its database afterwards."""
        yield url
        self._run(f"drop database {make_url(url).database} with (force)")

    def limit(self, role: str) -> None:
        """Give a role the time limits of its connections, as it needs them behind a pooler."""
        for name, value in TIME_LIMITS.items():
            self._run(f"alter role {role} set {name} = '{value}'")

    def make_template(self, name: str) -> None:
        """Migrate under another name first, so that a migration that fails leaves no template."""
        from booking.country.core.roles import migrate_and_grant  # noqa: PLC0415 - tests without a database shall not need it

        draft = f"{name}_draft"
        self._run(f"drop database if exists {draft}")
        self._run(f"create database {draft} owner {roles.OWNER}")
        migrate_and_grant(servers_of(self._address(draft)))
        self._run(f"alter database {draft} rename to {name}")

    def _run(self, statement: str) -> None:
        self._connection.execute(statement)

    def _address(self, name: str) -> str:
        return self._postgres.url.replace(f"@/{self._postgres.database}?", f"@/{name}?")
