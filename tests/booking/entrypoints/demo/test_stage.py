"""Where the demonstration may play: on nothing, or on what an earlier one left."""

import psycopg
import pytest

from booking.country.core.schema import migrate
from booking.entrypoints.demo.stage import DemoRunningError, NotOursError, empty_database, open_stage


def _tables(url: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0]


def test_a_database_with_foreign_tables_is_left_alone(database_url):
    before = _tables(database_url)

    with pytest.raises(NotOursError):
        empty_database(database_url)

    assert _tables(database_url) == before > 0


def test_the_database_of_an_earlier_demonstration_is_emptied(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    empty_database(database_url)
    migrate(database_url)
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0039'")  # of any version, however old

    empty_database(database_url)

    assert _tables(database_url) == 0


def test_production_cannot_be_used_for_a_demonstration(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_ENVIRONMENT", "production")
    monkeypatch.setenv("MAWID_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("MAWID_BASE_URL", "https://mawid.example")
    monkeypatch.setenv("MAWID_REGISTER_URL", "https://register.example")
    monkeypatch.setenv("MAWID_REGISTER_TOKEN", "t" * 32)
    monkeypatch.setenv("MAWID_BEACON", "drand")
    monkeypatch.setenv("MAWID_WITNESSES", "witnesses.txt")

    with pytest.raises(NotOursError), open_stage(host="127.0.0.1", port=8000):
        pass


def test_two_demonstrations_do_not_share_a_folder(monkeypatch, tmp_path, new_database, redis_url):
    monkeypatch.chdir(tmp_path)
    url = new_database()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    monkeypatch.setenv("MAWID_DATABASE_URL", url)
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)

    with (
        open_stage(host="127.0.0.1", port=8000) as stage,
        pytest.raises(DemoRunningError),
        open_stage(host="127.0.0.1", port=8000),
    ):
        pass

    assert stage.settings.show_outbox
