"""The door refuses in words, tells when to come back, and counts by class of cost."""

import asyncio
import logging
from urllib.parse import urlencode

import pytest
from prometheus_client import generate_latest

from api.door.budgets import Asked
from api.incoming import costs
from api.incoming.costs import HASH, LOOK, PAGE, STATIC
from api.incoming.fair_queue import Rank
from tests.api.one_call import scope_of
from tests.support.budgets import NETWORK, spend
from tests.support.country import PASSWORD

LIVE = "/livez"


def call(client, path, *, address="203.0.113.7", method="GET", body=b"", **headers):
    """Call from an address; return status, headers and body."""

    async def ask():
        parts = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            parts.append(message)

        scope = scope_of(method, path, {"host": "localhost:8000", **headers}) | {"client": (address, 1)}
        await client.app(scope, receive, send)
        start = {name.decode(): value.decode() for name, value in parts[0]["headers"]}
        return parts[0]["status"], start, b"".join(part.get("body", b"") for part in parts[1:]).decode()

    return client.portal.call(ask)


def test_a_network_that_calls_too_often_is_told_when_to_come_back(client):
    spend(client.app, STATIC, STATIC.limits[0])
    status, headers, page = call(client, LIVE)

    assert status == 429
    assert int(headers["retry-after"]) >= 1
    assert 'dir="rtl"' in page
    assert "default-src 'none'" in headers["content-security-policy"]
    assert call(client, LIVE, address="203.0.113.250")[0] == 429, "the same network"
    assert call(client, LIVE, address="203.0.114.7")[0] == 200


def typed(language="en", **fields):
    """Return a form as a browser sends it."""
    body = urlencode({"csrf": "the-token", "username": 'amal "<b>أمل\n2', "password": PASSWORD, **fields}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
    return {"method": "POST", "body": body, "cookie": f"mawid_language={language}", **headers}


@pytest.mark.parametrize(("language", "words"), [("en", "Send it again"), ("ar", "الإرسال مرة أخرى")])
def test_a_form_of_a_network_over_its_limit_comes_back_to_be_sent_again(client, language, words):
    spend(client.app, HASH, HASH.limits[0])
    status, headers, page = call(client, "/sign-in", **typed(language, present_password=PASSWORD, code="123456"))

    assert (status, headers["cache-control"]) == (429, "no-store")
    assert words in page
    assert 'name="username" value="amal &quot;&lt;b&gt;أمل\n2"' in page
    assert 'name="csrf" value="the-token"' in page
    assert "123456" not in page
    assert PASSWORD not in page


@pytest.mark.parametrize("network", [costs.PAGE, None], ids=["refused", "served"])
def test_only_a_page_whose_visitor_was_looked_for_offers_to_sign_in(client, network):
    """Whoever is refused may be signed in: nobody looked, and a page that says they are not would frighten them."""
    if network:
        spend(client.app, network, network.limits[0])
    status, _, page = call(client, "/draws", cookie="mawid_language=en; mawid=somebody")

    assert status == (429 if network else 200)
    assert ('href="/sign-in"' in page) is (network is None)
    assert 'href="/language/ar?back=' in page


def test_a_form_before_a_full_queue_comes_back_to_be_sent_again(app, client):
    queue = app.state.budgets._queues[HASH.name]

    async def fill():
        for number in range(queue._at_once):
            await queue.enter(bytes([number]))
        return [asyncio.ensure_future(queue.enter(app.state.budgets._hash(HASH, NETWORK))) for _ in range(HASH.waiting)]

    waiting = client.portal.call(fill)
    status, headers, page = call(client, "/sign-in", **typed())
    client.portal.call(_cancel, waiting)

    assert (status, headers["cache-control"], headers["retry-after"]) == (503, "no-store", "5")
    assert 'name="username" value="amal &quot;&lt;b&gt;أمل\n2"' in page
    assert PASSWORD not in page


def test_what_another_site_or_a_program_sent_is_not_given_back(client):
    spend(client.app, HASH, HASH.limits[0])
    foreign = call(client, "/sign-in", **typed(), **{"sec-fetch-site": "cross-site"})
    long = call(client, "/sign-in", **typed(next="x" * 30_000))
    program = call(client, "/api/v1/sessions", **typed())

    for status, _, page in (foreign, long, program):
        assert status == 429
        assert "amal" not in page


@pytest.mark.parametrize(("path", "told"), [("/desk", ["too_many_attempts"]), ("/how", [])])
def test_a_refusal_at_a_page_of_staff_is_a_security_event(client, caplog, path, told):
    spend(client.app, PAGE, PAGE.limits[0])
    with caplog.at_level(logging.INFO, "mawid.security"):
        assert call(client, path)[0] == 429

    events = [one.msg for one in caplog.records if one.name == "mawid.security"]
    assert [one["event.reason"] for one in events if one["event.action"] == "door.refused"] == told


def test_programs_are_refused_with_a_problem_document(client):
    spend(client.app, PAGE, PAGE.limits[0])
    status, headers, document = call(client, "/api/v1/draws")

    assert (status, headers["content-type"]) == (429, "application/problem+json")
    assert '"code":"too_many_attempts"' in document
    assert headers["ratelimit-policy"] == f'"network";q={PAGE.per_network * 30};w=30'


def test_networks_of_the_sixth_version_are_counted_by_their_subscriber(client):
    spend(client.app, STATIC, STATIC.limits[0], "2001:db8:0:100::/56")

    assert call(client, LIVE, address="2001:db8:0:1ff::7")[0] == 429
    assert call(client, LIVE, address="2001:db8:0:200::7")[0] == 200


def test_a_session_has_a_budget_of_its_own_in_any_network(client):
    cookie = {"cookie": "mawid=somebody"}
    spend(client.app, STATIC, STATIC.limits[1], "somebody")

    assert call(client, LIVE, address="203.0.114.7", **cookie)[0] == 429
    assert call(client, LIVE, address="203.0.114.7", **cookie, authorization="Basic new")[0] == 429
    assert call(client, LIVE, address="203.0.114.7", authorization="bearer  somebody")[0] == 429
    assert call(client, LIVE, address="203.0.114.7", cookie="mawid=other")[0] == 200


def test_a_full_queue_is_told_in_words_and_counted(app, client):
    queue = app.state.budgets._queues[PAGE.name]
    key = app.state.budgets._hash(PAGE, NETWORK)

    async def fill():
        for number in range(PAGE.at_once):
            await queue.enter(bytes([number]))
        return [asyncio.ensure_future(queue.enter(key)) for _ in range(PAGE.waiting)]

    waiting = client.portal.call(fill)
    status, headers, page = call(client, "/how")
    client.portal.call(_cancel, waiting)

    assert (status, headers["retry-after"]) == (503, "5")
    assert "<h1>" in page
    seen = generate_latest(app.state.metrics).decode()
    assert 'mawid_door_calls_total{cost="page",outcome="busy"} 1.0' in seen
    assert f'mawid_door_queue{{cost="page",doing="working"}} {PAGE.at_once}.0' in seen


async def _cancel(tasks):
    for one in tasks:
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_a_turn_ends_with_the_answer(app, client):
    for path in ("/how", "/nothing", "/static/mawid.css", "/api/v1/draws", "/draws/none"):
        client.get(path)
    client.post("/sign-in", data={"username": "x"})

    assert {name: queue.working for name, queue in app.state.budgets._queues.items() if queue.working} == {}


def test_the_number_of_hashes_at_once_is_the_setting(app, core):
    assert app.state.budgets._queues[HASH.name]._at_once == core.settings.password_hash_concurrency


def test_unknown_classes_in_the_list_are_refused(monkeypatch):
    monkeypatch.setattr(costs, "COSTS", (PAGE,))
    with pytest.raises(KeyError):
        list(costs.declared())


def test_a_call_that_turns_out_to_be_of_another_class_waits_for_a_turn_there(app, client):
    budgets = app.state.budgets

    def working():
        return [budgets.queue_of(cost).working for cost in (LOOK, PAGE)]

    async def change():
        turn = budgets.turn(Asked(LOOK, b"network", reads=False, rank=Rank.NEW))
        await turn.begin()
        seen = [working()]
        await turn.change(PAGE)
        seen.append(working())
        turn.end()
        return [*seen, working()]

    assert client.portal.call(change) == [[1, 0], [0, 1], [0, 0]]
    told = generate_latest(app.state.metrics).decode()
    assert 'mawid_door_calls_total{cost="page",outcome="admitted"} 1.0' in told
