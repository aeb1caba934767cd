"""Routers that are passed over by the first word of an address: never one that has its route."""

import re

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Match, Route

from api.incoming.first_words import Grouped
from api.main import _routes


def call(path: str, method: str = "GET", root_path: str = "") -> dict[str, object]:
    return {"type": "http", "path": path, "method": method, "root_path": root_path, "headers": []}


class Tried(Route):
    """A route that knows for which addresses it was tried."""

    def __init__(self, path: str) -> None:
        super().__init__(path, lambda _: None)
        self.paths: list[str] = []

    def matches(self, scope):
        self.paths.append(scope["path"])
        return super().matches(scope)


def tried(*declared: str, call: dict[str, object]) -> tuple[bool, list[str]]:
    """Whether a router with these paths, inside another, takes a call, and which addresses its routes looked at."""
    routes = [Tried(path) for path in declared]
    above = APIRouter()
    above.include_router(Grouped(routes=routes))
    for one in above.routes[0].effective_route_contexts():  # FastAPI made routes of its own from ours
        one.starlette_route = one.original_route
    taken = above.routes[0].matches(call)[0] is Match.FULL
    return taken, [path for one in routes for path in one.paths]


def test_no_route_of_the_application_is_passed_over():
    routes, found = _routes(), 0
    for one in iter_route_contexts(routes):
        if one.path:
            address = re.sub(r"{\w+}", "1", one.path)
            assert any(each.matches(call(address, min(one.methods)))[0] is Match.FULL for each in routes), address
            found += 1
    assert found > 400


def test_only_a_router_with_the_first_word_tries_its_routes():
    assert tried("/desk/cases", "/desk", call=call("/admin/desk")) == (False, [])
    assert tried("/desk/cases", "/desk", call=call("/desk")) == (True, ["/desk", "/desk"])


def test_a_first_word_that_may_be_any_is_always_tried():
    assert tried("/{word}", call=call("/desk"))[0]


def test_an_address_below_another_one_is_always_tried():
    assert tried("/desk", call=call("/below/desk", root_path="/below"))[0]
