"""Floods: a single client that called as fast as it could had every thread of a process, and everyone waited behind it.

It succeeded on the version without turns, as its code shows: routes ran in the order in which they were called.
"""

import asyncio
import time

import pytest
from starlette.requests import Request

from api.incoming.costs import COSTS, STATIC, cost_of
from tests.api.one_call import scope_of
from tests.support.budgets import spend

PATHS = {
    "static": ("GET", "/livez"),
    "page": ("GET", "/how"),
    "probe": ("GET", "/readyz"),
    "search": ("GET", "/services"),
    "published": ("GET", "/open-data/draws.csv"),
    "file": ("GET", "/check/revoked.json"),
    "hash": ("POST", "/sign-in"),
    "write": ("POST", "/reset"),
    "together": ("POST", "/api/v1/requests"),
    "look": ("GET", "/me"),
    "convert": ("POST", "/online/cases/7K2M9D4QX/papers"),
    "outside": ("GET", "/sign-in/staff/begin"),
}


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_a_flood_of_each_class_is_stopped_for_its_network_alone(app, attacker, run, cost):
    """The budget is spent by what an admitted call is charged, as thousands of calls would."""
    method, path = PATHS[cost.name]
    spend(app, cost, cost.limits[0])
    headers = {"cookie": "mawid_language=en"}
    stopped = run(lambda: attacker.call(method, path, **headers))
    other = run(lambda: attacker.elsewhere("203.0.114.7").call(method, path, **headers))
    home = run(lambda: attacker.call("GET", "/how" if cost is not cost_of("GET", "/how") else "/livez"))

    assert stopped.status == 429
    assert int(stopped.headers["retry-after"]) >= 1
    assert b"Too many attempts" in stopped.body
    assert other.status not in {429, 503}
    assert home.status == 200, "the other classes are open to it"


def test_a_refusal_costs_less_than_a_third_of_a_page(app, attacker, run):
    """Otherwise the refusals would be the flood."""
    a_page = run(lambda: quickest(lambda: attacker.call("GET", "/how")))
    spend(app, STATIC, STATIC.limits[0])
    a_refusal = run(lambda: quickest(lambda: attacker.call("GET", "/livez")))

    assert run(lambda: attacker.call("GET", "/livez")).status == 429
    assert a_refusal < a_page / 3


def test_the_door_adds_less_than_an_eighth_to_a_page(app, attacker, run):
    """It adds some 23 µs to 800 µs."""
    headers = {"host": "localhost:8000", "cookie": "mawid=a-session-of-somebody; mawid_language=ar"}

    async def enter():
        scope = scope_of("GET", "/requests/7K2M9D4QX", headers) | {"app": app, "client": ("203.0.113.9", 1)}
        turn = app.state.budgets.turn(app.state.budgets.admit(Request(scope)))
        await turn.begin()
        turn.answered()

    the_door = run(lambda: quickest(enter))
    assert the_door < run(lambda: quickest(lambda: attacker.call("GET", "/how"))) / 8


async def quickest(call):
    """Take the processor time of a call on a machine that does much else: in the quickest of ten rounds."""
    found = []
    for _ in range(10):
        began = time.process_time()
        for _ in range(20):
            await call()
        found.append((time.process_time() - began) / 20)
    return min(found)


def test_made_up_sessions_buy_no_budget(app, attacker, run):
    """Who sends another token with each call is counted by network all the same."""
    spend(app, STATIC, STATIC.limits[0])

    async def calls():
        tokens = [f"mawid={number}" for number in range(20)]
        return await asyncio.gather(*(attacker.call("GET", "/livez", cookie=one) for one in tokens))

    assert {one.status for one in run(calls)} == {429}


def test_what_is_counted_takes_little_memory(app):
    """A million networks leave no more than the counter keeps, and nobody's address."""
    budgets, limit = app.state.budgets, [STATIC.limits[0]]
    for number in range(120_000):
        budgets._counts.attempt([number.to_bytes(16, "big")], limit)

    assert len(budgets._counts._arrivals) <= 100_000
