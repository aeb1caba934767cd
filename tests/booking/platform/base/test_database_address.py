import subprocess
import sys
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text

from booking.platform.base.database_address import for_sqlalchemy
from booking.platform.base.db import make_engine
from booking.platform.base.libpq import libpq_parameters


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("postgres://amal:p%40ss@db.example/mawid", "db.example", None),
        ("postgresql://amal:p%40ss@one.example:5551,two.example:5552/mawid", "one.example,two.example", "5551,5552"),
        ("postgresql://amal:p%40ss@one.example,[::1]:5552/mawid?sslmode=require", "one.example,::1", "5432,5552"),
        ("postgresql://amal:p%40ss@/mawid?host=%2Fa%20b%25%2B%D9%85", "/a b%+م", None),
    ],
)
def test_every_spelling_of_an_address_means_the_same_to_libpq(address, host, port):
    parameters = libpq_parameters(for_sqlalchemy(address))

    assert (parameters["host"], parameters.get("port")) == (host, port)
    assert (parameters["user"], parameters["password"], parameters["dbname"]) == ("amal", "p@ss", "mawid")
    assert parameters.get("sslmode") == ("require" if "sslmode" in address else None)


@pytest.mark.parametrize("address", ["mysql://db/mawid", "db/mawid", "postgresql://one:5551,two:port/mawid"])
def test_an_address_that_is_not_for_postgresql_is_refused(address):
    with pytest.raises(ValueError, match=r"must |is no address"):
        for_sqlalchemy(address)


def test_the_second_host_is_used_when_the_first_is_away(database_url):
    parameters = libpq_parameters(database_url)
    address = f"postgresql://postgres@127.0.0.1:1,{quote(parameters['host'], safe='')}/{parameters['dbname']}"
    engine = make_engine(for_sqlalchemy(address))

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_database()")) == parameters["dbname"]
    with psycopg.connect(**libpq_parameters(engine.url)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (parameters["dbname"],)
    engine.dispose()


def test_commands_of_postgresql_are_given_every_host(monkeypatch, redis_url):
    monkeypatch.setenv("MAWID_DATABASE_URL", "postgresql://amal@one.example:5551,two.example:5552/mawid")
    monkeypatch.setenv("MAWID_REDIS_URL", redis_url)
    command = [sys.executable, "-m", "booking.platform.embedded", "sh", "-c", 'echo "$PGHOST $PGPORT $PGDATABASE"']

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert said == "one.example,two.example 5551,5552 mawid\n"
