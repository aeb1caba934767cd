"""The database as another role: as the one that works in production, or past it, as its superuser."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.libpq import libpq_parameters
from booking.platform.embedded import Servers, roles
from booking.platform.embedded.postgres import SUPERUSER
from tests.support.pgbouncer import PORT as POOLER_PORT


class _Pooler:
    """Through which the role that works goes in this run, if any: where its socket is, and the server's own."""

    folder = server = ""


def go_through(folder: str, server: str) -> None:
    """Have whoever works go through a pooler from now on."""
    _Pooler.folder, _Pooler.server = folder, server


def is_pooled() -> bool:
    """Return whether this run goes through a pooler."""
    return bool(_Pooler.folder)


def reconnect() -> None:
    """Have a pooler of this run connect anew, as the runbook says after a change of what holds for a role."""
    if is_pooled():
        address = {"host": _Pooler.folder, "port": POOLER_PORT, "user": SUPERUSER, "dbname": "pgbouncer"}
        with psycopg.connect(**address, autocommit=True, cursor_factory=psycopg.ClientCursor) as console:
            console.execute("RECONNECT")


def as_role(url: str | URL, role: str) -> str:
    """Return a database's address for another role, past any pooler."""
    address = make_url(url).set(username=role)
    if is_pooled() and address.query.get("host") == _Pooler.folder:
        address = address.update_query_dict({"host": _Pooler.server}).difference_update_query(["port"])
    return address.render_as_string(hide_password=False)


def as_app(url: str) -> str:
    """Return a database's address for the role that works."""
    return through(as_role(url, roles.APP), _Pooler.folder) if is_pooled() else as_role(url, roles.APP)


def through(url: str, folder: str) -> str:
    """Return a database's address at the pooler whose socket is in a folder."""
    address = make_url(url).update_query_dict({"host": folder, "port": str(POOLER_PORT)})
    return address.render_as_string(hide_password=False)


def servers_of(url: str) -> Servers:
    """Return a database's three addresses; there is no Valkey."""
    return Servers(as_app(url), "unix:///nowhere", as_role(url, roles.OWNER), as_role(url, roles.READER))


@contextmanager
def past_the_roles(core: Core) -> Iterator[Session]:
    """Yield a transaction of the superuser, who can do what Mawid itself cannot, such as switching a guard off."""
    engine = create_engine(as_role(core.sessions.kw["bind"].url, SUPERUSER))
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        engine.dispose()


@contextmanager
def a_strangers_login(url: str) -> Iterator[str]:
    """Yield a database's address for a new role that was granted nothing, and remove the role again."""
    name = f"stranger_{uuid4().hex[:12]}"
    with psycopg.connect(**libpq_parameters(as_role(url, SUPERUSER)), autocommit=True) as mighty:
        mighty.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        try:
            yield as_role(url, name)
        finally:
            mighty.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
