"""Root in a container without user namespaces: PostgreSQL runs as nobody, who has no right beside what others have."""

import os
import re
import tempfile
from pathlib import Path

import psycopg
import pytest

from booking.platform.base.server_error import ServerError
from booking.platform.embedded import EmbeddedPostgres, process
from tests.support.compiled_once import make_data_anew

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody"),
]


@pytest.fixture
def passable():
    """A folder as Mawid makes its own, and above it only what others may pass."""
    with tempfile.TemporaryDirectory(prefix="mawid") as folder:
        yield Path(folder)


@pytest.fixture
def without_namespaces(monkeypatch):
    """Forbid user namespaces from when it is called, as most containers do."""
    works = process._works
    monkeypatch.setattr(EmbeddedPostgres, "_make_data", make_data_anew)

    def forbid():
        monkeypatch.setattr(process, "_works", lambda *prefix: "--user" not in prefix and works(*prefix))
        process.as_someone.cache_clear()

    yield forbid
    process.as_someone.cache_clear()


def add(running, word):
    with psycopg.connect(running.dsn) as connection:
        connection.execute("create table if not exists words (word text)")
        connection.execute("insert into words values (%s)", [word])


def words(running):
    with psycopg.connect(running.dsn) as connection:
        return [word for (word,) in connection.execute("select word from words")]


def read_as_the_server(running, path):
    with psycopg.connect(running.dsn) as connection:
        connection.execute("select pg_read_file(%s)", [str(path)])


def test_root_becomes_nobody_where_user_namespaces_are_forbidden(passable, without_namespaces):
    """Before, nobody had `CAP_DAC_OVERRIDE` (L6): who was the server's superuser read every file of the machine."""
    secret = passable / "secret.key"
    secret.write_text("of whoever started it")
    secret.chmod(0o600)
    with EmbeddedPostgres(passable / "p") as postgres:
        add(postgres, "made elsewhere")
    without_namespaces()

    with EmbeddedPostgres(passable / "p") as postgres:
        add(postgres, "as nobody")
        assert words(postgres) == ["made elsewhere", "as nobody"]
        status = Path(f"/proc/{postgres.process_id}/status").read_text()
        assert f"Uid:\t{process.NOBODY}\t{process.NOBODY}" in status
        assert re.findall(r"Cap(?:Inh|Prm|Eff|Amb):\t(\w+)", status) == ["0" * 16] * 4
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            read_as_the_server(postgres, secret)
    with EmbeddedPostgres(passable / "new", durable=False) as postgres:
        add(postgres, "made by nobody")
    with EmbeddedPostgres(passable / ("d" * 100), durable=False) as postgres:
        add(postgres, "far below")
    assert passable.stat().st_mode & 0o777 == 0o711


def test_a_folder_that_nobody_can_reach_is_refused_in_words(passable, without_namespaces):
    without_namespaces()
    shut = passable / "shut"
    shut.mkdir(mode=0o700)

    with pytest.raises(ServerError, match=r"who cannot reach .*shut/state/p"):
        EmbeddedPostgres(shut / "state" / "p", durable=False).start()
