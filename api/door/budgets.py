"""What calls cost, held within the budgets of their class: by client network, by session, and by turns at work."""

import math
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from hashlib import blake2b
from typing import Final

from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry, Counter, Gauge
from starlette.requests import Request
from starlette.routing import BaseRoute

from api.deps import core_of, find_visit, session_cookie, token_of
from api.door.familiar import Familiar
from api.door.forwarding import Forwarding
from api.errors import OverloadedError
from api.incoming.bodies import body_of
from api.incoming.client_address import passed_on
from api.incoming.costs import COSTS, FILE, HASH, LOOK, PAGE, PROBE, SEARCH, WRITE, Cost, cost_of
from api.incoming.fair_queue import FairQueue, Rank, come_back
from api.incoming.moments import slow_down
from api.incoming.paths import Paths
from api.incoming.width import Width
from booking.country.core.security import Origin
from booking.platform.base.errors import BusyError, SessionsUnavailableError, TooManyAttemptsError
from fraud.limiting.limits import LocalLimits

_KEY_BYTES: Final = 16
_MICROSECONDS: Final = 1_000_000
LATEST: Final[Mapping[Rank, float]] = {Rank.STAFF: math.inf, Rank.UNDER_WAY: 0.5, Rank.NEW: 0.15}
"""Seconds by which the event loop may come late before a page is refused without a look at the queue: the delay is then
before the door, and what is let in makes it longer."""
_LEAST_SHARE: Final = {PAGE: 0.0, LOOK: 0.25, SEARCH: 0.0, FILE: 0.0, WRITE: 0.4}
"""Classes whose calls keep the interpreter busy, and do not wait for others or for what runs beside it, with the share
of their turns that is given at least: who sends what they typed goes before who looks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a call before it is routed: its class and rank, whose it is, and whether it has a body."""

    cost: Cost
    network: bytes
    reads: bool
    rank: Rank


Calls = Paths[dict[str, tuple[Cost, bool]]]
"""What is declared of each path: by method, its class, and whether its route reads a body."""


def declared_calls(routes: Sequence[BaseRoute]) -> Calls:
    """Return what is declared of the path of each route."""
    found: dict[str, dict[str, tuple[Cost, bool]]] = {}
    for one in iter_route_contexts(routes):
        if one.path:
            reads = body_of(one.route).largest > 0
            methods = {method: (cost_of(method, one.path), reads) for method in one.methods or ()}
            found.setdefault(one.path, {}).update(methods)
    calls: Calls = Paths()
    for path, by_method in found.items():
        calls.add(path, by_method)
    return calls


class Budgets:
    """The budgets of one application; networks and sessions are counted by hashes with a key that nobody has.

    They are counted in each process by itself. Its processor and memory are what they protect, and asking the shared
    server would cost each page more than this whole check.
    """

    def __init__(self, calls: Calls, registry: CollectorRegistry, *, hashes_at_once: int) -> None:
        self._routes = calls
        self._key = secrets.token_bytes(_KEY_BYTES)
        self.forwarding = Forwarding()
        self.familiar = Familiar()
        self._counts = LocalLimits(1, time.monotonic)
        self._queues = {cost.name: _queue_of(cost, hashes_at_once) for cost in COSTS if cost.at_once}
        self.width = Width({self._queues[cost.name]: least for cost, least in _LEAST_SHARE.items()})
        calls_by = Counter(
            "mawid_door_calls", "Calls at the door, by class of cost.", ("cost", "outcome"), registry=registry
        )
        self._counter = cache(calls_by.labels)  # looking one up takes a fifth of a refusal
        unnamed = Gauge("mawid_door_proxy_not_trusted", "1: most calls come by an unnamed proxy.", registry=registry)
        unnamed.set_function(lambda: self.forwarding.not_believed)
        share = Gauge("mawid_door_share", "Of the turns of pages and forms, those given now.", registry=registry)
        share.set_function(lambda: self.width.share)
        depth = Gauge("mawid_door_queue", "Calls by class of cost, now.", ("cost", "doing"), registry=registry)
        for name, queue in self._queues.items():
            depth.labels(name, "working").set_function(partial(getattr, queue, "working"))
            depth.labels(name, "waiting").set_function(partial(getattr, queue, "waiting"))

    def admit(self, request: Request) -> Asked:
        """Charge a call to its network and its session.

        Raises
        ------
        TooManyAttemptsError
            One of them made as many calls of this class as it may.
        """
        scope = request.scope
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        cost, reads = (self._routes.find(scope["path"]) or {}).get(method, (PAGE, False))
        settings = core_of(request).settings
        address, unread = passed_on(request, settings.trusted_proxies)
        self.forwarding.note(unread=unread)
        network = self._hash(cost, _prefix(address))
        keys, (of_network, of_session) = [network], cost.limits
        cookie = request.cookies.get(session_cookie(settings), "")
        token, _ = token_of(request.headers.get("authorization", ""), cookie)
        if token:
            keys.append(self._hash(cost, token))
        limits = (of_network, of_session)[: len(keys)]
        allowed, tightest, _, wait, _ = self._counts.attempt(keys, limits)
        if not allowed:
            self.count(cost, "limited")
            raise TooManyAttemptsError(-(-wait // _MICROSECONDS), limits[tightest - 1])
        return Asked(cost, network, reads, self.familiar.rank(token, method))

    @property
    def is_crowded(self) -> bool:
        """Return whether a newcomer would wait too long, for a turn or to be seen at all."""
        return self.width.late > LATEST[Rank.NEW] or any(one.turns_away(Rank.NEW) for one in self._queues.values())

    def turn_away(self, path: str, method: str, token: str) -> int | None:
        """Return after how many seconds to come back, for who is refused a page or a form; None where they may not be.

        A call is not counted for its network then: whoever makes too many of them would be told of that instead.
        """
        cost, _ = (self._routes.find(path) or {}).get(method, (PAGE, False))
        queue = self._queues.get(cost.name)
        if queue is None or cost.elsewhere:
            return None
        rank = self.familiar.rank(token, method)
        late = cost is not PROBE and self.width.late > LATEST[rank]  # a busy process is not one to be taken away
        if not late and not queue.turns_away(rank):
            return None
        self.count(cost, OverloadedError.code)
        return come_back(rank)

    async def look_closer(self, request: Request, asked: Asked) -> Asked:
        """Return a call that sends something and would be refused as new with the rank that its session has.

        A session that this process has not served lately is asked for, so that nobody's form is refused for that.
        """
        if not asked.reads or asked.rank is not Rank.NEW or not self.refuses(asked):
            return asked
        with suppress(SessionsUnavailableError):
            visit = await find_visit(request)
            if visit is not None:
                self.familiar.note_visit(visit)
                return replace(asked, rank=self.familiar.rank(visit.token, request.method))
        return asked

    def refuses(self, asked: Asked) -> bool:
        """Return whether a call would wait too long, for its turn or to be seen at all."""
        queue = self.queue_of(asked.cost)
        if queue is None:
            return False
        return self.width.late > LATEST[asked.rank] or queue.turns_away(asked.rank, asked.network)

    def turn(self, asked: Asked) -> "Turn":
        """Return the turn of a call, which has not begun."""
        return Turn(self, asked, self.queue_of(asked.cost))

    def queue_of(self, cost: Cost) -> FairQueue | None:
        """Return where calls of a class wait for their turn at the door; None where they wait for none."""
        return None if cost.elsewhere else self._queues.get(cost.name)

    def count(self, cost: Cost, outcome: str) -> None:
        """Count a call by what the door did with it."""
        self._counter(cost.name, outcome).inc()

    def _hash(self, cost: Cost, value: str) -> bytes:
        return blake2b(f"{cost.name}\0{value}".encode(errors="replace"), key=self._key, digest_size=_KEY_BYTES).digest()


class Turn:
    """The turn of one call at work of its class; it begins once, and ends whatever happens."""

    def __init__(self, budgets: Budgets, asked: Asked, queue: FairQueue | None) -> None:
        self._budgets, self._asked, self._queue = budgets, asked, queue
        self._begun = self._taken = False

    async def check(self) -> None:
        """Refuse a call that would not get its turn in time, before anything of it is read.

        Raises
        ------
        OverloadedError
            More come than can be served.
        """
        if self._queue is None:
            return
        asked = self._asked
        if self._budgets.refuses(asked):
            self._budgets.count(asked.cost, OverloadedError.code)
            await slow_down()
            raise OverloadedError(come_back(asked.rank))
        self._queue.expect(asked.network, asked.rank)

    async def begin(self) -> None:
        """Wait for the turn, where the class has any; raises BusyError."""
        if self._begun:
            return
        self._begun = True
        if self._queue is not None:
            try:
                await self._queue.enter(self._asked.network, self._asked.rank)
            except BusyError as error:
                self._budgets.count(self._asked.cost, error.code)
                await slow_down()
                raise
            self._taken = True
        self._budgets.count(self._asked.cost, "admitted")

    async def change(self, cost: Cost) -> None:
        """Wait for a turn of another class instead, where it turns out that the call is one of its calls.

        Raises
        ------
        BusyError
            As many wait for one as may, or it took too long.
        """
        self.end()
        self._asked, self._queue, self._begun = replace(self._asked, cost=cost), self._budgets.queue_of(cost), False
        await self.begin()

    def answered(self) -> None:
        """End the turn as the answer begins, unless the answer itself is large."""
        if not self._asked.cost.until_sent:
            self.end()

    def end(self) -> None:
        """End the turn, where there is one."""
        if self._taken and self._queue is not None:
            self._taken = False
            self._queue.leave(self._asked.network)


def _queue_of(cost: Cost, hashes_at_once: int) -> FairQueue:
    at_once = hashes_at_once if cost is HASH else cost.at_once
    of_one = min(cost.of_network, max(1, at_once - 1))
    return FairQueue(at_once=at_once, of_one=of_one, waiting=cost.waiting, patience=cost.patience)


@lru_cache(maxsize=10_000)
def _prefix(address: str) -> str:
    """Return the network of an address; reading one takes longer than the rest of the check."""
    return Origin(address, "").prefix
