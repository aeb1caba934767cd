"""The table of routes: it finds the route that FastAPI would find, and refuses as FastAPI would."""

import asyncio
import re

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.responses import StreamingResponse
from starlette.routing import Match
from starlette.testclient import TestClient

from api.incoming.route_table import RouteTable
from api.main import declared_routes


def call(path: str, method: str = "GET", root_path: str = "", type_: str = "http") -> dict[str, object]:
    return {"type": type_, "path": path, "method": method, "root_path": root_path, "headers": []}


def test_the_first_route_declared_answers_each_address_of_the_application():
    [table, *others] = declared_routes()
    declared = [one for one in iter_route_contexts(others) if one.path]
    for one in declared:
        asked = call(re.sub(r"{\w+}", "1", one.path), min(one.methods))
        first = next(each for each in declared if each.matches(asked)[0] is Match.FULL)
        match, found = table.matches(asked)
        assert match is Match.FULL
        assert found["endpoint"] is first.endpoint, asked["path"]
        assert found["route"] is first.original_route
    assert len(declared) > 400


@pytest.fixture(scope="module")
def small() -> TestClient:
    app = FastAPI()
    app.add_api_route("/{word}/b", lambda word: f"any {word}", methods=["GET"])
    app.add_api_route("/a/b", lambda: "never: the route before takes it", methods=["GET"])
    app.add_api_route("/a/b", lambda: "sent", methods=["POST"])
    app.router.routes.insert(0, RouteTable(app.router.routes))
    return TestClient(app)


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/a/b", 200, '"any a"'),
        ("GET", "/x/b", 200, '"any x"'),
        ("POST", "/a/b", 200, '"sent"'),
        ("POST", "/x/b", 405, "Method Not Allowed"),
        ("GET", "/a/b/c", 404, "Not Found"),
        ("GET", "/a%2Fb", 200, '"any a"'),
        ("GET", "//a/b", 404, "Not Found"),
        ("HEAD", "/a/b", 200, ""),
        ("HEAD", "/a/b/c", 404, ""),
    ],
)
def test_order_methods_and_unknown_addresses_are_as_without_the_table(small: TestClient, method, path, status, said):
    answer = small.request(method, path)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert answer.headers.get("Allow") == ("GET, HEAD" if status == 405 else None)


def test_head_is_answered_as_get_would_be_without_the_body(client: TestClient):
    for path in ("/how", "/api/v1/draws", "/livez", "/no-such-page"):
        told, asked = client.get(path), client.head(path)
        assert (asked.status_code, asked.content) == (told.status_code, b"")
        changing = {"x-request-id", "date", "set-cookie"}
        assert {name: value for name, value in asked.headers.items() if name not in changing} == {
            name: value for name, value in told.headers.items() if name not in changing
        }


def test_of_an_answer_in_pieces_head_makes_none_and_names_no_part():
    app, made, asked_for = FastAPI(), [], []

    async def pieces():
        for number in range(1_000):
            made.append(number)
            yield b"x" * 1_000
            await asyncio.sleep(0)

    def large(request: Request):
        asked_for.append(request.headers.get("range"))
        return StreamingResponse(pieces(), headers={"Content-Length": "1000000"})

    app.add_api_route("/large", large, methods=["GET"])
    app.router.routes.insert(0, RouteTable(app.router.routes))

    told = TestClient(app).head("/large", headers={"Range": "bytes=0-1"})  # a range is one of GET (RFC 9110, 14.2)

    assert (told.headers["content-length"], told.content, asked_for) == ("1000000", b"", [None])
    assert len(made) < 10


def test_a_route_with_a_head_of_its_own_keeps_it_and_one_without_get_has_none():
    app = FastAPI()
    app.add_api_route("/own", lambda: "the whole", methods=["GET"])
    app.add_api_route("/own", lambda: None, methods=["HEAD"], status_code=204)
    app.add_api_route("/sent", lambda: "sent", methods=["POST"])
    app.router.routes.insert(0, RouteTable(app.router.routes))
    asked = TestClient(app)

    assert asked.head("/own").status_code == 204
    refused = asked.head("/sent")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_an_address_below_another_one_is_found_too():
    table = RouteTable(FastAPI(docs_url="/docs", redoc_url=None, openapi_url="/o").router.routes)
    assert "endpoint" in table.matches(call("/below/docs", root_path="/below"))[1]


def test_what_is_not_http_is_left_to_the_routes_behind():
    assert RouteTable([]).matches(call("/a", type_="websocket"))[0] is Match.NONE
