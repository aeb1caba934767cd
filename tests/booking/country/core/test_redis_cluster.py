"""A cluster of three whose node with all of Mawid's keys is killed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.country.core import sessions
from booking.platform.models.states import Door
from fraud.limiting.breaker import REST_SECONDS
from fraud.limiting.limiter import Limit, Limiter
from fraud.limiting.redis_client import connect, greetings
from tests.support.redis_cluster import SLOTS, a_cluster, until_copied
from tests.support.redis_servers import PATIENCE

pytestmark = pytest.mark.slow

POLICY = {"ask": (Limit("person", timedelta(hours=1), 3), Limit("device", timedelta(hours=1), 100))}


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_limits_and_sessions_go_on_where_the_node_that_had_them_was_copied(tmp_path, core):
    with a_cluster(tmp_path) as cluster:
        client = connect(cluster.url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        seconds = Seconds()
        limiter = Limiter(client, b"k" * 32, POLICY, monotonic=seconds)
        spread = replace(core, redis=client)
        token, _ = sessions.create(spread, account_id=None, language="ar", door=Door.HOME)
        subjects = {"person": "amal", "device": "d"}
        assert [limiter.attempt("ask", subjects).allowed for _ in range(2)] == [True, True]
        until_copied(cluster)
        versions = [told["version"] for told in greetings(client)]
        assert (len(set(versions)), len(versions) >= len(SLOTS)) == (1, True), versions

        cluster.lose_holder()

        def healed() -> bool:
            seconds.now += REST_SECONDS
            return not limiter.attempt("ask", {"device": "another"}).degraded

        assert any(healed() for _ in range(10_000)), "it finds the way by itself"
        decided = [limiter.attempt("ask", subjects) for _ in range(2)]
        assert [(one.allowed, one.degraded) for one in decided] == [(True, False), (False, False)]
        assert sessions.read(spread, token) is not None
