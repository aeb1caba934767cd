"""The database as another role: as the one that works in production, or past it, as its superuser."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from booking.core.core import Core
from booking.embedded import Servers, roles
from booking.embedded.postgres import SUPERUSER


def as_role(url: str, role: str) -> str:
    """Return a database's address for another role."""
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def as_app(url: str) -> str:
    """Return a database's address for the role that works."""
    return as_role(url, roles.APP)


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
