"""Routes that return their answer whole: their dependencies are put in order once, and not at each call.

FastAPI goes through the tree of a route's dependencies at each call, looks in four places for the values of each one
and keeps stacks for what none of these routes has: a fifth of all that the event loop does for a page.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isasyncgenfunction, isclass, iscoroutinefunction, isgeneratorfunction, unwrap
from typing import Any, Final, cast, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, RouteContext
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import request_response
from starlette.types import ASGIApp

_READ: Final[Mapping[str, Callable[[Request], Any]]] = {
    "path_params": lambda request: request.path_params,
    "query_params": lambda request: request.query_params,
    "header_params": lambda request: request.headers,
    "cookie_params": lambda request: request.cookies,
}
"""Where the values of a call are, by what FastAPI calls those that a function takes from there."""
_REFUSED: Final = object()
"""Stands for what a function would have returned that was not called, for a value of the call is wrong."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A function of a route; ``given`` names what it is given of the steps before, by their number.

    ``fields`` are the values of the call that it takes, each kind with where they are read.
    """

    call: Callable[..., Any]
    waits: bool
    given: Sequence[tuple[str, int]]
    request_names: Sequence[str]
    fields: Sequence[tuple[Callable[[Request], Any], Any]]

    def arguments(self, request: Request, before: Sequence[Any], errors: list[Any]) -> dict[str, Any] | None:
        """Return what the function is called with; None where it cannot be called, and what is wrong in ``errors``."""
        found = len(errors)
        values = {name: before[number] for name, number in self.given}
        refused = any(one is _REFUSED for one in values.values())
        for read, fields in self.fields:
            read_values, wrong = request_params_to_args(fields, read(request))
            values |= read_values
            errors += wrong
        for name in self.request_names:
            values[name] = request
        return None if refused or len(errors) > found else values

    def answer(self, values: Mapping[str, Any]) -> Awaitable[Any]:
        """Call the function: in the event loop where it waits for others by itself, or else in a thread."""
        return self.call(**values) if self.waits else run_in_threadpool(self.call, **values)


def straight(route: RouteContext) -> ASGIApp | None:
    """Return what answers the calls of a route as FastAPI would; None where only FastAPI can.

    It can where the answer is made of what the function returns, and where a dependency has an end of its own, a
    scheme of security, or a part in the answer; and it reads all bodies that are declared as values.
    """
    if type(route.original_route) is not APIRoute or not _returns_answers(route):  # others answer in their own way
        return None
    steps: list[_Step] = []
    if _add(route.dependant, steps, {}) is None:
        return None
    *before, last = steps

    async def answer(request: Request) -> Response:
        results, errors = list[Any](), list[Any]()
        for step in before:
            values = step.arguments(request, results, errors)
            results.append(_REFUSED if values is None else await step.answer(values))
        values = last.arguments(request, results, errors)
        if values is None or errors:
            raise RequestValidationError(errors)
        return cast("Response", await last.answer(values))

    return request_response(answer)


def _returns_answers(route: RouteContext) -> bool:
    returned = get_type_hints(route.endpoint).get("return")
    of_itself = isclass(returned) and issubclass(returned, Response)
    read = route.body_field is None and route.max_body_size is None
    return of_itself and read and route.response_field is None and not (route.is_sse_stream or route.is_json_stream)


def _add(asked: Dependant, steps: list[_Step], known: dict[Callable[..., Any], int]) -> int | None:
    """Put a function behind all that it depends on; return its number, None where it cannot be called so."""
    call = asked.call
    if call is None or not _is_plain(asked, call):
        return None
    if call in known:
        return known[call]
    given: list[tuple[str, int]] = []
    for one in asked.dependencies:
        number = _add(one, steps, known)
        if number is None:
            return None
        if one.name is not None:
            given.append((one.name, number))
    names = [name for name in (asked.request_param_name, asked.http_connection_param_name) if name is not None]
    fields = [(read, taken) for kind, read in _READ.items() if (taken := getattr(asked, kind))]
    waits = any(iscoroutinefunction(one) for one in _runs(call))
    steps.append(_Step(call, waits, given, names, fields))
    known[call] = len(steps) - 1
    return known[call]


def _is_plain(asked: Dependant, call: Callable[..., Any]) -> bool:
    of_the_answer = asked.response_param_name or asked.background_tasks_param_name
    elsewhere = asked.websocket_param_name or asked.security_scopes_param_name or asked.own_oauth_scopes
    runs = _runs(call)
    ends = any(isgeneratorfunction(one) or isasyncgenfunction(one) or isinstance(one, SecurityBase) for one in runs)
    others = of_the_answer or elsewhere or asked.concurrency is not None or ends
    return asked.use_cache and not (asked.body_params or others)


def _runs(call: Callable[..., Any]) -> Sequence[Any]:
    """Return what tells how something is called, as FastAPI finds out: itself, what is wrapped in it, their objects."""
    around = [call, unwrap(call)]
    return around + [getattr(one, "__call__", None) for one in around if not isclass(one)]  # noqa: B004 - of an object
