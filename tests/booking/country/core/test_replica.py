"""What may be a second old is read from a real standby, as long as it follows; else the database answers."""

from collections.abc import Iterator
from functools import partial

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from booking.country.core import replica as copy_of
from booking.country.core.replica import OLDEST, Replica
from booking.country.figures.counting import latest_draw
from booking.country.figures.waits import WHAT
from booking.country.open_data.days import published
from booking.opening import open_core
from booking.platform.base.db import Sessions, make_engine
from booking.platform.base.errors import NotFoundError
from booking.platform.embedded import EmbeddedPostgres, roles
from booking.platform.models.offices.office import WaitingTime
from booking.scheduling.requests.views import list_requests
from tests.support.country import START, an_account, cheap_settings
from tests.support.databases import Databases
from tests.support.roles import as_role
from tests.support.standby import Standby, a_standby
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

STANDS_BY = text("SELECT pg_is_in_recovery()")


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[EmbeddedPostgres]:
    """A server of this file alone: a standby of the run's server would replay what all other tests write."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("primary") / "p", durable=False) as server:
        yield server


@pytest.fixture(scope="module")
def databases(server) -> Iterator[Databases]:
    with Databases(server) as databases:
        databases.make_template("mawid_template")
        yield databases


@pytest.fixture
def database_url(databases) -> Iterator[str]:
    yield from databases.until_dropped(databases.copy("mawid_template"))


@pytest.fixture(scope="module")
def standby(server, tmp_path_factory) -> Iterator[Standby]:
    with a_standby(server, tmp_path_factory.mktemp("standby") / "s") as standby:
        yield standby


@pytest.fixture
def replaying(standby) -> Iterator[psycopg.Connection]:
    """The standby's superuser, who can have it stand still; it goes on afterwards."""
    with psycopg.connect(standby.dsn, autocommit=True) as connection:
        yield connection
        connection.execute("SELECT pg_wal_replay_resume()")


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def primary(database_url):
    engine = make_engine(as_role(database_url, roles.APP))
    yield Sessions(engine)
    engine.dispose()


def at(standby: Standby, database_url: str) -> str:
    """Return the address of the same database at the standby."""
    there = {"host": str(make_url(standby.url).query["host"])}
    return as_role(make_url(as_role(database_url, roles.APP)).update_query_dict(there), roles.APP)


@pytest.fixture
def replica(standby, database_url, primary, seconds) -> Iterator[Replica]:
    replica = Replica(at(standby, database_url), primary, pool_size=2, monotonic=seconds)
    yield replica
    replica.close()


def follow(replica: Replica) -> None:
    """Look until the standby has what was written before; each look asks both servers."""

    def is_fresh() -> bool:
        replica.look()
        return replica.is_fresh

    eventually(is_fresh, what="the standby does not follow")


def write(primary, key: str) -> None:
    with primary.begin() as session:
        session.add(WaitingTime(what=key, counted=0, median=0.0, worst=0.0, since=START, measured_at=START))


def find(key: str, session: Session) -> bool:
    """Return whether a standby has a row; raises NotFoundError where it is not there."""
    if session.scalar(text("SELECT 1 FROM waiting_time WHERE what = :key"), {"key": key}) is None:
        raise NotFoundError
    return bool(session.scalar(STANDS_BY))


def test_the_standby_answers_once_it_was_seen_to_follow(replica, primary):
    stands_by = partial(Session.scalar, statement=STANDS_BY)
    assert replica.read(primary, stands_by) is False
    write(primary, WHAT[0])
    follow(replica)

    assert replica.read(primary, stands_by) is True
    assert replica.read(primary, partial(find, WHAT[0])) is True
    assert replica.sessions_or(primary) is not primary
    assert replica.counts()[:2] == (3, 1)


def test_a_standby_that_stands_still_is_asked_no_more_after_two_seconds(replica, primary, replaying, seconds):
    follow(replica)
    replaying.execute("SELECT pg_wal_replay_pause()")
    write(primary, WHAT[1])
    replica.look()
    assert replica.read(primary, partial(find, WHAT[1])) is False, "what it does not have, the database is asked for"

    seconds.now += OLDEST + 0.1
    replica.look()
    assert not replica.is_fresh
    assert replica.sessions_or(primary) is primary
    replaying.execute("SELECT pg_wal_replay_resume()")
    follow(replica)
    assert replica.read(primary, partial(find, WHAT[1])) is True


def test_a_question_that_fails_on_the_standby_is_asked_of_the_database(replica, primary, replaying, standby):
    follow(replica)

    def end_it_once(session: Session) -> bool:
        if stands_by := bool(session.scalar(STANDS_BY)):
            ours = session.scalar(text("SELECT pg_backend_pid()"))
            replaying.execute("SELECT pg_terminate_backend(%s)", [ours])
            session.scalar(text("SELECT 1"))
        return stands_by

    assert replica.read(primary, end_it_once) is False
    assert not replica.is_fresh
    follow(replica)
    assert replica.read(primary, partial(Session.scalar, statement=STANDS_BY)) is True


def test_nothing_can_be_written_there_and_no_other_server_is_taken_for_it(replica, primary, database_url):
    follow(replica)
    with pytest.raises(Exception, match="read-only"), replica.sessions_or(primary).begin() as session:
        session.execute(text("DELETE FROM waiting_time"))

    itself = Replica(as_role(database_url, roles.APP), primary, pool_size=1)
    itself.look()
    assert not itself.is_fresh
    itself.close()


def test_public_pages_and_figures_are_read_there_and_nobodys_own(standby, database_url, redis_url, clock, monkeypatch):
    monkeypatch.setattr(copy_of, "OLDEST", 3600.0)  # on a busy machine a standby is seconds behind for as long as it is
    replica_url = SecretStr(at(standby, database_url))
    settings = cheap_settings().model_copy(update={"database_replica_url": replica_url})
    with open_core(settings, database_url=as_role(database_url, roles.APP), redis_url=redis_url, clock=clock) as core:
        follow(core.replica)
        account = an_account(core)
        assert list_requests(core, account) == []
        assert core.replica.counts()[:2] == (0, 0)

        assert published(core).empty
        assert latest_draw(core) == ""
        assert core.replica.counts().answered == 2
