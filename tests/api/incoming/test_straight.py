"""Routes whose dependencies are put in order once answer as FastAPI answers them."""

from collections.abc import AsyncIterator, Iterator
from functools import wraps
from typing import Annotated

import pytest
from fastapi import APIRouter, BackgroundTasks, Cookie, Depends, FastAPI, Header, HTTPException, Path, Query, Request
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from api.incoming.route_table import RouteTable
from api.incoming.straight import straight
from api.main import declared_routes

LEFT_TO_FASTAPI = {"/log/parts", "/online/cases/{reference}/papers", "/desk/today/offline"}
"""Pages that return something else than a whole answer, or bodies that are declared as values."""


def _noted(request: Request, name: str) -> None:
    request.app.state.called.append(name)


async def outermost(request: Request) -> None:
    _noted(request, "outermost")


async def visitor(request: Request, cookie: Annotated[str, Cookie(alias="visit", min_length=3)] = "none") -> str:
    _noted(request, "visitor")
    if cookie == "refused":
        raise HTTPException(403, "refused")
    return cookie


async def account(visit: Annotated[str, Depends(visitor)], request: Request) -> str:
    _noted(request, "account")
    return f"account of {visit}"


def in_a_thread(request: Request, size: Annotated[int, Query(le=9)] = 1) -> int:
    _noted(request, "in a thread")
    return size


class Guard:
    async def __call__(self, who: Annotated[str, Depends(account)]) -> str:
        return f"guarded {who}"


@wraps(account)
def around(*given: object, **named: object) -> object:
    return account(*given, **named)


class Seen:
    """Made for each call; its objects are called by nobody here."""

    def __init__(self, who: Annotated[str, Depends(around)]) -> None:
        self.who = who

    async def __call__(self) -> None:
        raise AssertionError


class Wanted(BaseModel):
    many: int


def page(
    request: Request,
    number: Annotated[int, Path(gt=1)],
    who: Annotated[str, Depends(Guard())],
    visit: Annotated[str, Depends(visitor)],
    size: Annotated[int, Depends(in_a_thread)],
    accept: Annotated[str, Header(max_length=5)] = "",
    words: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """A page with every kind of value."""
    _noted(request, "page")
    return PlainTextResponse(repr((number, who, visit, size, accept, words)))


async def in_the_loop(who: Annotated[str, Depends(account)]) -> PlainTextResponse:
    """A page that does not block."""
    return PlainTextResponse(who, 202)


def by_class(seen: Annotated[Seen, Depends()]) -> PlainTextResponse:
    """A page that depends on an object of a class."""
    return PlainTextResponse(seen.who)


@pytest.fixture(scope="module", params=["by FastAPI", "straight"])
def small(request):
    """The same application, each way; it tells which functions were called in which order."""
    app = FastAPI(dependencies=[Depends(outermost)])
    app.add_api_route("/pages/{number}", page, methods=["GET"])
    app.add_api_route("/loop", in_the_loop, methods=["GET"])
    app.add_api_route("/class", by_class, methods=["GET"])
    if request.param == "straight":
        table = RouteTable(app.router.routes)
        assert all(
            straight(one)
            for one in iter_route_contexts(app.router.routes)
            if one.endpoint in {page, in_the_loop, by_class}
        )
        app.router.routes.insert(0, table)
    return TestClient(app, headers={"accept": "x"})


ALL = ["outermost", "visitor", "account", "in a thread", "page"]


@pytest.mark.parametrize(
    ("path", "headers", "status", "said", "called"),
    [
        ("/pages/2", {}, 200, "(2, 'guarded account of none', 'none', 1, 'x', None)", ALL),
        ("/pages/3?size=9&words=a&words=b", {"cookie": "visit=abc"}, 200, "'abc', 9, 'x', ['a', 'b'])", ALL),
        ("/loop", {}, 202, "account of none", ["outermost", "visitor", "account"]),
        ("/class", {}, 200, "account of none", ["outermost", "visitor", "account"]),
        ("/pages/1", {}, 422, '["path","number"]', ALL[:-1]),
        ("/pages/2", {"accept": "longer than that"}, 422, '["header","accept"]', ALL[:-1]),
        ("/pages/2?size=10", {}, 422, '["query","size"]', ["outermost", "visitor", "account"]),
        ("/pages/2?size=word", {"cookie": "visit=refused"}, 403, "refused", ["outermost", "visitor"]),
        ("/pages/2", {"cookie": "visit=ab"}, 422, '["cookie","visit"]', ["outermost", "in a thread"]),
    ],
)
def test_a_route_is_answered_straight_as_by_fastapi(small, path, headers, status, said, called):
    small.app.state.called = []
    answer = small.get(path, headers=headers)
    assert (answer.status_code, said in answer.text, small.app.state.called) == (status, True, called), answer.text


def ends_later() -> Iterator[int]:
    yield 1


class EndsLater:
    def __call__(self) -> Iterator[int]:
        yield 1


class EndsLaterInTheLoop:
    async def __call__(self) -> AsyncIterator[int]:
        yield 1


def bare(request: Request) -> Response:
    return Response()


def with_ends(one: Annotated[int, Depends(ends_later)]) -> Response:
    return Response()


def with_ends_of_an_object(one: Annotated[int, Depends(EndsLater())]) -> Response:
    return Response()


def with_ends_in_the_loop(one: Annotated[int, Depends(EndsLaterInTheLoop())]) -> Response:
    return Response()


def with_part_in_answer(response: Response) -> Response:
    return response


def with_tasks(tasks: BackgroundTasks) -> Response:
    return Response()


def with_body(wanted: Wanted) -> Response:
    return Response()


def with_scheme(token: Annotated[str, Depends(HTTPBearer())]) -> Response:
    return Response()


def not_kept(visit: Annotated[str, Depends(visitor, use_cache=False)]) -> Response:
    return Response()


def with_values() -> dict[str, int]:
    return {"a": 1}


@pytest.mark.parametrize(
    ("function", "is_straight"),
    [
        (bare, True),
        *(
            (one, False)
            for one in (
                with_ends,
                with_ends_of_an_object,
                with_ends_in_the_loop,
                with_part_in_answer,
                with_tasks,
                with_body,
                with_scheme,
                not_kept,
                with_values,
            )
        ),
    ],
)
def test_what_only_fastapi_can_answer_is_left_to_it(function, is_straight):
    app = FastAPI(openapi_url=None)
    app.add_api_route("/", function, methods=["POST"])
    [route] = [one for one in iter_route_contexts(app.router.routes) if one.path == "/"]
    assert (straight(route) is not None) is is_straight


def test_routes_with_a_way_of_their_own_to_answer_keep_it():
    class Own(APIRoute):
        pass

    router = APIRouter(route_class=Own)
    router.add_api_route("/", bare)
    assert [straight(one) for one in iter_route_contexts(router.routes)] == [None]


def test_every_page_is_answered_straight_but_those_that_cannot_be():
    _, *routes = declared_routes()
    pages = [one for one in iter_route_contexts(routes) if one.path and not one.path.startswith("/api/")]
    assert {one.path for one in pages if straight(one) is None} == LEFT_TO_FASTAPI
