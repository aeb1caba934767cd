"""What a client writes about itself: only configured proxies are believed, and nonsense neither helps nor breaks."""

import sys
from ipaddress import ip_network
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api import __main__ as web
from api.deps import DEVICE_COOKIE, origin_of
from api.incoming.client_address import MOST_HOPS, client_address, passed_on
from api.main import create_app
from booking.antifraud.gate.versions import publish_rate_limits
from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.base.settings import Settings
from booking.serving import web_command
from fraud.limiting.text import default_limits_source
from tests.support.country import PASSWORD, cheap_settings

pytestmark = pytest.mark.slow

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def request_from(address: str, *forwarded: str, cookie: str = "", app: FastAPI | None = None) -> Request:
    headers = [(b"x-forwarded-for", value.encode("latin-1", "replace")) for value in forwarded]
    headers.append((b"cookie", cookie.encode("latin-1", "replace")))
    return Request({"type": "http", "client": (address, 1), "headers": headers, "app": app})


@pytest.mark.parametrize(
    ("address", "forwarded", "client"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1", "10.0.0.7"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["2001:db8::9"], "2001:db8::9"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::9]:4711"], "2001:db8::9"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, _hidden"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, , "], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["999.1.1.1"], "10.0.0.1"),
        ("testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_only_a_trusted_proxy_sets_the_clients_address(address, forwarded, client):
    assert client_address(request_from(address, *forwarded), PROXIES) == client


def test_an_endless_list_of_proxies_is_not_read():
    forged = ", ".join(["198.51.100.1"] + ["10.0.0.2"] * MOST_HOPS)

    assert client_address(request_from("10.0.0.1", forged), PROXIES) == "10.0.0.2"


@given(st.lists(st.text(st.characters(max_codepoint=255), max_size=40), max_size=5))
def test_a_stranger_cannot_forge_their_address(forwarded):
    assert passed_on(request_from("203.0.113.9", *forwarded), PROXIES) == ("203.0.113.9", bool(forwarded))


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_a_proxys_own_address_entry_wins_over_forged_ones(forged):
    forwarded = f"{forged.replace(',', ' ')}, 198.51.100.7"

    assert client_address(request_from("10.0.0.1", forwarded), PROXIES) == "198.51.100.7"


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "device",
    ["", "short", "x" * 23, "x" * 5_000, "a b" * 8, "../../../../etc/passwd", "\0" * 22, "é" * 22, "' or 1=1 --"],
)
def test_an_invalid_device_cookie_is_ignored(core: Core, device):
    origin = origin_of(request_from("203.0.113.9", cookie=f"{DEVICE_COOKIE}={device}", app=create_app(core)))

    assert origin.device == ""
    assert origin.subjects() == {"network": "203.0.113.0/24"}


def test_without_a_device_or_with_a_new_one_each_time_the_other_limits_still_hold(client: TestClient):
    body = {"username": "nobody.fictional", "password": PASSWORD}

    def sign_in(number: int) -> int:
        headers = {"x-forwarded-for": f"198.51.100.{number}", "cookie": f"{DEVICE_COOKIE}={number:022d}"}
        return client.post("/api/v1/sessions", json=body, headers=headers).status_code

    assert [sign_in(number) for number in range(14)][-2:] == [429, 429]


def test_each_network_behind_a_trusted_proxy_has_its_own_limit(database_url, redis_url, clock):
    settings = cheap_settings(trusted_proxies="10.0.0.0/8")
    with open_core(settings, database_url=database_url, redis_url=redis_url, clock=clock) as core:
        publish_rate_limits(core, source=default_limits_source().replace('"5000 per 15 minutes"', '"1 per 15 minutes"'))
        with TestClient(create_app(core), base_url="http://localhost:8000", client=("10.0.0.1", 5)) as client:

            def sign_in(forwarded: str) -> int:
                body = {"username": f"nobody.{next(numbers)}", "password": PASSWORD}
                return client.post("/api/v1/sessions", json=body, headers={"x-forwarded-for": forwarded}).status_code

            numbers = count()
            statuses = [sign_in(one) for one in ("198.51.100.1", "203.0.113.1", "8.8.8.8, 203.0.113.1")]

    assert statuses == [401, 401, 429]


def test_the_web_server_trusts_no_proxy_by_default(monkeypatch):
    command = web_command(Settings(_env_file=None), host="127.0.0.1", port=8000)
    monkeypatch.setattr(sys, "argv", command[2:])
    monkeypatch.setattr(web.logs, "configure", lambda: None)  # of this process it stays as it is
    served = []
    monkeypatch.setattr(web, "serve", served.append)

    web.main()

    assert command[1:3] == ["-m", "api"]
    assert [config.proxy_headers for config in served] == [False]


def test_a_refused_page_says_when_to_try_again(client: TestClient):
    page = client.get("/sign-in").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": token, "username": "nobody.fictional", "password": PASSWORD}

    answers = [client.post("/sign-in", data=form, headers={"origin": "http://localhost:8000"}) for _ in range(7)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].headers["ratelimit-policy"] == '"visitor";q=6;w=60'
    assert answers[-1].headers["ratelimit"].startswith('"visitor";r=0;t=')
