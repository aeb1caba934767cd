"""Several attempts in one trip to the server are judged as one after the other."""

from datetime import timedelta

import pytest

from fraud.limiting.limiter import Limit, Limiter, Try

TRIES = [*(Try("ask", {"person": who}) for who in ("amal", "samer", "amal", "amal")), Try("free", {"person": "amal"})]


@pytest.mark.parametrize("forgotten", [False, True])
def test_several_attempts_in_one_trip_are_judged_one_after_the_other(client, forgotten):
    policy = {"ask": [Limit("person", timedelta(hours=1), 2)], "free": []}
    one_by_one, together = (Limiter(client, letter * 32, policy) for letter in (b"a", b"b"))
    alone = [one_by_one.attempt(one.action, one.subjects) for one in TRIES]
    if forgotten:
        client.script_flush()

    decided = together.attempt_all(TRIES)

    assert [one.allowed for one in decided] == [True, True, True, False, True]
    assert [(one.allowed, one.remaining) for one in decided] == [(one.allowed, one.remaining) for one in alone]
    assert not any(one.degraded for one in decided)
    assert together.counts() == one_by_one.counts()
