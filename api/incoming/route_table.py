"""All routes in one table, by the first word of an address and how many words it has.

FastAPI tries one route after the other and, at each router inside another, counts the routes of all of them: a call
came to its own after half a thousandth of a second of processor time.
"""

from collections.abc import Sequence
from typing import Final, NoReturn

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override

from api.incoming.endings import fields_of, telling
from api.incoming.straight import straight

_ANY: Final = "{"
_FOUND: Final = "mawid.route"
HEAD_ALONE: Final = "mawid.head_alone"
"""In the scope of a call of HEAD that a route of GET answers, up to where the body would begin."""
_OF_PARTS: Final = frozenset({b"range", b"if-range"})
"""Fields that say something of GET alone (RFC 9110, 14.2)."""

_Place = tuple[str, int]


class RouteTable(BaseRoute):
    """Stands before the routes of an application and finds the one that would be the first to match.

    HEAD is answered wherever GET is (RFC 9110, 9.3.2), by the same route, which sees a GET; one with a HEAD of its own
    keeps it.

    They stay behind it for those who list them, and for what is not HTTP.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._all = [one for one in iter_route_contexts(routes) if one.path]
        self._by_place: dict[_Place, list[RouteContext]] = {}
        declared = [(_place(one.path or ""), one) for one in self._all]
        self._endings = {id(one.original_route): told for one in self._all if (told := fields_of(one.original_route))}
        self._apps = {id(one): straight(one) or one.app for one in self._all}
        for word, length in {place for place, _ in declared}:
            self._by_place[word, length] = [one for place, one in declared if place in {(word, length), (_ANY, length)}]

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take every call over HTTP, also one that no route answers."""
        if scope["type"] != "http":
            return Match.NONE, {}
        other_methods: set[str] = set()
        for one in self._candidates(scope):
            match, child = one.matches(scope)
            if match is Match.FULL:
                return match, child | {_FOUND: one, "route": one.original_route}
            if match is Match.PARTIAL:
                other_methods |= one.methods or set()
        if scope["method"] == "HEAD" and "GET" in other_methods:
            match, child = self.matches({**scope, "method": "GET"})
            return match, {**child, HEAD_ALONE: True}
        return Match.FULL, {_FOUND: other_methods}

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer that was found; raises HTTPException where there is none, or none for the method."""
        found = scope[_FOUND]
        if not isinstance(found, RouteContext):
            _refuse(found)
        told = self._endings.get(id(found.original_route))
        if told:
            send = telling(send, told)
        if scope.get(HEAD_ALONE):
            fields = [field for field in scope["headers"] if field[0] not in _OF_PARTS]
            await self._apps[id(found)]({**scope, "method": "GET", "headers": fields}, receive, _head_of(send))
        else:
            await self._apps[id(found)](scope, receive, send)

    def _candidates(self, scope: Scope) -> Sequence[RouteContext]:
        if scope.get("root_path"):
            return self._all
        word, length = _place(scope["path"])
        return self._by_place.get((word, length), self._by_place.get((_ANY, length), []))


def route_template(scope: Scope) -> str:
    """Return the address of the route that answered a call, with names in the place of values; "none" without one."""
    found = scope.get(_FOUND)
    return (found.path if isinstance(found, RouteContext) else None) or "none"


def _place(path: str) -> _Place:
    words = path.split("/")
    word = words[1] if len(words) > 1 else ""
    return (_ANY if _ANY in word else word), len(words)


def _head_of(send: Send) -> Send:
    """Send the head of an answer and end it there: whoever makes its body in pieces is told that nobody reads on."""

    async def head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body"})

    return head


def _refuse(methods: set[str]) -> NoReturn:
    if methods:
        allowed = methods | {"HEAD"} if "GET" in methods else methods
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
    raise HTTPException(404)
