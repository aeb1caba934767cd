"""Behind a real PgBouncer in transaction mode, which lends whoever asks twice another connection."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, select, text, update

from booking.country.core import key_check, schema
from booking.country.core.key_check import LeftBehindError
from booking.country.core.pooled import UnlimitedError
from booking.country.core.schema import SchemaError
from booking.entrypoints.commands.database import backup, migrate, restore, upgrade
from booking.jobs import make_app
from booking.operations.backup.folder import newest_backup
from booking.operations.backup.make import make_backup
from booking.operations.backup.programs import BackupError
from booking.operations.keys.allow import refuse_company
from booking.operations.keys.seal_anew import RotationError
from booking.operations.recovery.nightly import back_up
from booking.operations.worker import life
from booking.platform.base.db import TIME_LIMITS
from booking.platform.base.libpq import libpq_address, libpq_parameters
from booking.platform.base.settings import SettingsError
from booking.platform.embedded import roles
from booking.platform.embedded.postgres import SUPERUSER
from booking.platform.models import KeyCheck, Request
from booking.platform.models.states import Pool, RequestState
from booking.scheduling.draws.schedule import advance_draws
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.scheduling.draws.world import World
from tests.support.pgbouncer import a_pgbouncer
from tests.support.roles import as_role, through
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

Open = Callable[..., AbstractContextManager[World]]

LEFT = """
    SELECT 'setting ' || name FROM pg_settings WHERE source = 'session' AND name NOT IN
        ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'IntervalStyle', 'standard_conforming_strings')
    UNION ALL SELECT 'lock' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    UNION ALL SELECT 'cursor ' || name FROM pg_cursors
    UNION ALL SELECT 'channel ' || name FROM pg_listening_channels() AS name
    UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
"""
"""What stands on a connection; the settings that are left out are those that PgBouncer puts right for each client."""

THEIRS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = %s"
END_THEIRS = f"SELECT count(pg_terminate_backend(pid)) FROM ({THEIRS}) AS ours"  # noqa: S608 - our own words


@pytest.fixture(scope="module")
def pgbouncer(_servers) -> Iterator[str]:
    """The folder of its socket; it stands before the server of this run."""
    with a_pgbouncer(str(make_url(_servers[0].url).query["host"])) as folder:
        yield folder


@pytest.fixture
def superuser(database_url) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**libpq_parameters(as_role(database_url, SUPERUSER)), autocommit=True) as connection:
        yield connection


@pytest.fixture
def limited(database_url, superuser) -> None:
    """Give the role its time limits in this database alone, as the runbook says for the whole server."""
    for name, limit in TIME_LIMITS.items():
        database = make_url(database_url).database
        superuser.execute(f"ALTER ROLE {roles.APP} IN DATABASE {database} SET {name} = '{limit}'")


@pytest.fixture
def behind(database_url, pgbouncer) -> Open:
    """Open a core whose every connection is the pooler's."""
    address = through(as_role(database_url, roles.APP), pgbouncer)
    return partial(open_world, database_url, address=address, database_pooled=True)


def left_on_connections(world: World, superuser: psycopg.Connection) -> list[str]:
    """Return what stands on the pooler's connections; all of them are held at once, so that each is looked at."""
    address = libpq_parameters(world.core.sessions.kw["bind"].url)
    found: list[str] = []
    with ExitStack() as running:
        for _ in superuser.execute(THEIRS, [roles.APP]).fetchall():
            connection = running.enter_context(psycopg.connect(**address))
            found += [row[0] for row in connection.execute(LEFT)]
    return found


OWNERS = {
    "the schema is not changed": [migrate, upgrade],
    "a backup is not made": [lambda: backup(Path("new"))],
    "a backup is not restored": [lambda: restore(Path("new"))],
}
"""What only the role that owns the database does, by the words with which it is refused through a pooler."""


@pytest.mark.parametrize(("refused", "command"), [(words, one) for words, each in OWNERS.items() for one in each])
@pytest.mark.parametrize("said", [True, False])
def test_what_the_owner_does_is_refused_through_a_pooler(
    database_url, pgbouncer, monkeypatch, tmp_path, refused, command, said
):
    """Also where nobody said that it is one; `upgrade --plan`, which only reads, is not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_DATABASE_URL", through(as_role(database_url, roles.OWNER), pgbouncer))
    monkeypatch.setenv("MAWID_DATABASE_POOLED", str(said))
    monkeypatch.setenv("MAWID_REDIS_URL", "redis://nowhere.example")
    with pytest.raises(SettingsError, match=f"^{refused} through a pooler: .* in MAWID_DATABASE_OWNER_URL$"):
        command()
    upgrade(plan=True)

    monkeypatch.setenv("MAWID_DATABASE_OWNER_URL", as_role(database_url, roles.OWNER))
    assert command not in {migrate, upgrade} or command() is None


def test_no_start_makes_the_schema_through_a_pooler(database_url, pgbouncer, superuser):
    address = through(as_role(database_url, roles.OWNER), pgbouncer)
    schema.migrate(address)  # nothing is to be done
    superuser.execute("UPDATE alembic_version SET version_num = '0046_errands_stay'")
    with pytest.raises(SchemaError, match=r"^the schema is not changed through a pooler"):
        schema.migrate(address)


@pytest.mark.usefixtures("limited")
def test_the_nights_backup_goes_past_the_pooler_and_its_trial_has_none(behind, database_url, superuser, tmp_path):
    past = SecretStr(as_role(database_url, roles.APP))
    places = {"backups_dir": tmp_path / "backups", "evidence_dir": tmp_path / "e", "state_dir": tmp_path / "state"}
    with behind(**places) as world, pytest.raises(BackupError, match="own address in MAWID_DATABASE_LISTEN_URL"):
        back_up(world.core)
    assert not places["backups_dir"].exists()

    with behind(**places, database_url=past, database_listen_url=past) as world:
        back_up(world.core)
        assert newest_backup(places["backups_dir"]).verified_at is not None
        assert left_on_connections(world, superuser) == []

        pooled = world.core.sessions.kw["bind"].url
        with ExitStack() as several:  # at once, so that each has one of the pooler's connections
            for _ in range(3):
                several.enter_context(world.session()).scalar(text("SELECT 1"))
        make_backup(tmp_path / "through", dsn=libpq_address(pooled), settings=world.core.settings)
        assert "setting search_path" in left_on_connections(world, superuser), "the trap itself"


def test_a_role_without_time_limits_is_refused_with_the_statements_that_help(behind, superuser):
    limit = "SELECT 1 FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole WHERE rolname = %s AND setdatabase = 0"
    if superuser.execute(limit, [roles.APP]).fetchone():
        pytest.skip("in this run the role has them everywhere")

    with pytest.raises(UnlimitedError, match="ALTER ROLE mawid_app SET lock_timeout = '5s'; ALTER ROLE"), behind():
        pass


@pytest.mark.usefixtures("limited")
def test_a_draw_and_the_jobs_after_it_leave_nothing_on_any_connection(behind, superuser):
    with behind() as world:
        world.office("a")
        world.slots("a", world.first_day, {Pool.DRAW: [1]})
        for _ in range(2):
            world.ask("a")
        world.draw("d1")
        world.clock.advance(timedelta(hours=12))
        assert "d1 drawn" in advance_draws(world.core)
        make_app(world.core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

        with world.session() as session:
            states = sorted(session.scalars(select(Request.state)))
        assert states == [RequestState.CARRIED_OVER, RequestState.DRAWN]
        assert left_on_connections(world, superuser) == []

        with world.session() as session:
            session.execute(text("SET work_mem = '77MB'; SELECT pg_advisory_lock(1)"))
            session.commit()
        assert sorted(left_on_connections(world, superuser)) == ["lock", "setting work_mem"], "the trap itself"


@pytest.mark.usefixtures("limited")
def test_a_lost_connection_is_replaced_unnoticed_and_replaced_keys_stop_a_process(behind, superuser, monkeypatch):
    monkeypatch.setattr(key_check, "TRIED_AFTER_SECONDS", 0.0)
    with behind() as world:
        assert superuser.execute(END_THEIRS, [roles.APP]).fetchone() != (0,)
        with world.session() as session:
            assert session.scalar(text("SELECT 1")) == 1

        with pytest.raises(RotationError, match="through a pooler nobody sees"), world.session() as session:
            refuse_company(session, world.core)
        with world.core.sessions.begin() as session:
            session.execute(update(KeyCheck).values(value=b"another secret's"))
        with pytest.raises(LeftBehindError), world.session() as session:
            session.scalar(text("SELECT 1"))


@pytest.mark.usefixtures("limited")
def test_a_worker_hears_past_the_pooler_and_again_once_that_answers(
    behind, database_url, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(life, "TRIES_AGAIN", 0.01)
    server = Path(str(make_url(database_url).query["host"]))
    away = make_url(as_role(database_url, roles.APP)).update_query_dict({"host": str(tmp_path / "server")})

    async def hear(world: World) -> str:
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def note(*, channel: str, payload: str) -> None:
            await heard.put(f"{channel} {payload}")

        def tell() -> None:
            with world.core.sessions.begin() as session:
                session.execute(text("SELECT pg_notify('jobs', 'new')"))

        app = make_app(world.core)
        async with app.open_async():
            listening = asyncio.create_task(app.connector.listen_notify(note, ["jobs"]))
            while not await asyncio.to_thread(caplog.text.count, "worker_hears_nothing"):
                pass
            (tmp_path / "server").symlink_to(server)
            while heard.empty():
                await asyncio.to_thread(tell)
            while not listening.done():  # before Python 3.12 one that comes together with a notice is lost
                listening.cancel()
                await asyncio.wait({listening}, timeout=0.1)
        return heard.get_nowait()

    past = SecretStr(away.render_as_string(hide_password=False))
    with behind(database_url=past, database_listen_url=past) as world:
        assert asyncio.run(asyncio.wait_for(hear(world), PATIENCE)) == "jobs new"
        assert life.looks_after(world.core.settings) == life.LOOKS_AGAIN
        without = world.core.settings.model_copy(update={"database_listen_url": None})
        assert life.looks_after(without) == life.LOOKS_OFTEN
