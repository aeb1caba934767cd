"""Citizens who do everything that goes on while versions change, each call once: who is not answered has failed."""

import asyncio
import json
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

BASE_URL = "http://localhost:8000"
PASSWORD = "a password of a benchmark"  # noqa: S105 - nothing real is kept under it
PATIENCE = 30.0
STATIC = re.compile(r"/static/([\w.-]+)\?v=(\w+)")
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Told:
    """What everybody was told: what failed, how long calls of each kind took, and what has to be there at the end.

    ``now`` is the stage in which the upgrade is; ``mixed`` counts static files of one version under another's address
    that a browser keeps for a year.
    """

    now: str = ""
    failed: list[str] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    by_stage: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    withdrawn: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    statics: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class FailedError(Exception):
    """A call was not answered as it should be."""


class Visitor:
    """One citizen, who signs in on the pages and by a program."""

    def __init__(self, told: Told, port: int, who: Mapping[str, Any], client: httpx.AsyncClient) -> None:
        self._told, self._who, self._client = told, who, client
        self._at = f"http://127.0.0.1:{port}"
        self._network = {"X-Forwarded-For": who["network"], "Host": "localhost:8000", "Origin": BASE_URL}
        self._token = ""
        self._cookies: dict[str, str] = {}

    async def come(self, slots: Iterator[int]) -> None:
        """Do everything once; what fails is noted, and the rest left out."""
        with suppress(FailedError):
            await self._look_around()
            await self._sign_in()
            if await self._ask():
                await self._book(next(slots))
            await self._sign_out()

    async def _look_around(self) -> None:
        page = await self._call("page", "GET", "/")
        for name, version in sorted(set(STATIC.findall(page.text)))[:3]:
            answer = await self._call("static", "GET", f"/static/{name}?v={version}")
            if "immutable" in answer.headers.get("cache-control", ""):
                self._told.statics[f"{name}?v={version}"].add(str(hash(answer.content)))

    async def _sign_in(self) -> None:
        form = {"username": self._who["username"], "password": PASSWORD}
        page = await self._call("page", "GET", "/sign-in")
        csrf = {"csrf": CSRF.findall(page.text)[0]}
        await self._call("sign-in", "POST", "/sign-in", expected=303, data=form | csrf)
        begun = await self._call("sign-in by program", "POST", "/api/v1/sessions", json=form)
        self._token = begun.json()["access_token"]
        await self._call("page of one's own", "GET", "/me")

    async def _ask(self) -> bool:
        """Ask, and say whether the request was withdrawn again: every fourth waits for a draw."""
        wish = {
            "service": "passport-renewal",
            "people": [self._who["member"]],
            "offices": ["damascus", "homs"],
            "bands": ["morning", "midday", "afternoon"],
        }
        key = secrets.token_hex(8)
        asked = await self._program("ask", "POST", "/api/v1/requests", key, expected=201, body=wish)
        again = await self._program("ask again", "POST", "/api/v1/requests", key, expected=201, body=wish)
        reference = asked.json()["reference"]
        if again.json()["reference"] != reference:
            self._fail("ask again", "another reference")
        await self._program("look at it", "GET", f"/api/v1/requests/{reference}")
        await self._call("page of it", "GET", f"/requests/{reference}")
        if self._who["member"] % 4 == 0:
            self._told.waiting.append(reference)
            return False
        await self._program("withdraw", "POST", f"/api/v1/requests/{reference}/withdrawal", "")
        self._told.withdrawn.append(reference)
        return True

    async def _book(self, slot: int) -> None:
        body = {"slot": slot, "service": "passport-renewal", "people": [self._who["member"]]}
        held = await self._program("hold", "POST", "/api/v1/holds", secrets.token_hex(8), expected=201, body=body)
        reference = held.json()["reference"]
        await self._program("confirm", "POST", f"/api/v1/holds/{reference}/confirmation", "")
        await self._program("pass", "GET", f"/api/v1/appointments/{reference}/pass")
        await self._program("cancel", "POST", f"/api/v1/appointments/{reference}/cancellation", "")
        self._told.cancelled.append(reference)

    async def _sign_out(self) -> None:
        page = await self._call("page", "GET", "/sign-out")
        await self._call("sign out", "POST", "/sign-out", expected=303, data={"csrf": CSRF.findall(page.text)[0]})

    async def _program(
        self, kind: str, method: str, path: str, key: str = "", *, expected: int = 200, body: Any = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Idempotency-Key": key} if key else {})
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        return await self._call(kind, method, path, expected=expected, headers=headers, content=content)

    async def _call(self, kind: str, method: str, path: str, *, expected: int = 200, **how: Any) -> httpx.Response:
        began, told = time.perf_counter(), self._told
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = self._network | how.pop("headers", {"Cookie": cookie})
        told.by_stage[told.now] += 1
        try:
            answer = await self._client.request(method, self._at + path, headers=headers, timeout=PATIENCE, **how)
        except httpx.HTTPError as error:
            self._fail(kind, type(error).__name__)
            raise FailedError from error
        for one in answer.headers.get_list("set-cookie"):
            name, _, value = one.partition(";")[0].partition("=")
            self._cookies[name] = value
        seconds = time.perf_counter() - began
        told.took[kind].append(seconds)
        told.slowest[told.now] = max(told.slowest[told.now], seconds)
        if answer.status_code != expected:
            said = answer.text[:160] if "json" in answer.headers.get("content-type", "") else ""
            self._fail(kind, f"{answer.status_code} after {seconds:.0f} s {said}")
            raise FailedError
        return answer

    def _fail(self, kind: str, why: str) -> None:
        self._told.failed.append(f"{self._told.now}: {kind}: {why}")


async def keep_coming(
    told: Told, port: int, people: Sequence[Mapping[str, Any]], slots: Iterator[int], rate: float, stop: asyncio.Event
) -> int:
    """Let people come at a rate, whether or not those before are done, until told to stop; return how many came."""
    under_way: set[asyncio.Task[None]] = set()
    came = 0
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)

    async def one(who: Mapping[str, Any]) -> None:
        async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
            await Visitor(told, port, who, client).come(slots)

    for who in people:
        if stop.is_set():
            break
        task = asyncio.create_task(one(who))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        came += 1
        await asyncio.sleep(1 / rate)
    await asyncio.gather(*under_way)
    assert stop.is_set(), "more people are needed for so long an upgrade"
    return came
