"""The shared fixtures themselves: whoever writes a test relies on them."""

from datetime import timedelta

import psycopg
import pytest

from fraud.limiting.redis_client import HASH_TAG, connect
from tests.support.country import START

SHARED = []


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_migrated_database_of_its_own(database_url, turn):
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)
        connection.execute("create table seen_by_one_test_only ()")


@pytest.mark.neighbours
@pytest.mark.parametrize("turn", [1, 2])
def test_neighbours_share_a_core_and_begin_at_the_same_hour(core, clock, turn):
    SHARED.append(core)
    assert all(one is core for one in SHARED)
    assert clock.now() == core.clock.now() == START
    clock.advance(timedelta(days=1))


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_valkey(redis_url, turn):
    with connect(redis_url) as client:
        assert client.dbsize() == 0
        client.set(f"{HASH_TAG}:seen_by_one_test_only", turn)
