"""Calls of one client over HTTP, sent with the same key until there is an answer that is one."""

import asyncio
import json
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

AGAIN: Final = frozenset({429, 500, 502, 503, 504})
PATIENCE: Final = 30.0
_NAMES: Final = re.compile(r"(?<=/)([0-9A-Z]{6,}|[0-9a-f-]{30,}|[0-9]+)(?=/|$)")
_LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Answer(NamedTuple):
    """A whole answer; ``head`` in the bytes in which it came."""

    status: int
    head: bytes
    body: bytes

    @property
    def good(self) -> bool:
        """Whether what was asked for is done."""
        return self.status < 400

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)

    def field(self, name: str) -> str:
        """Return a field of the head, "" where it is not there."""
        found = re.search(rb"\r\n" + name.encode() + rb": ([^\r\n]*)", self.head, re.IGNORECASE)
        return found[1].decode() if found else ""


@dataclass
class Told:
    """Where all clients call, and what they were told: when good answers to changes came, and what else came.

    ``accepted``: pairs of when the last attempt was sent and when its answer came, by the monotonic clock.
    """

    port: int
    host: str = "127.0.0.1"
    accepted: list[tuple[float, float]] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Client:
    """One person, or one member of staff, with a session and a connection of their own."""

    def __init__(self, told: Told, *, token: str, address: str, csrf: str = "") -> None:
        self._told = told
        self._token, self._csrf, self._address = token, csrf, address
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._chance = random.Random(address)  # noqa: S311 - no secret

    async def get(self, path: str) -> Answer:
        """Look at something until there is an answer."""
        return await self._until_answered("GET", path, {}, b"")

    async def send(self, path: str, body: Any = None, *, method: str = "POST", key: str | None = None) -> Answer:
        """Change something through the API; ``key`` is the same in every attempt."""
        content = b"" if body is None else json.dumps(body).encode()
        head = {"Content-Type": "application/json"} if content else {}
        return await self._until_answered(
            method, f"/api/v1{path}", head | {"Idempotency-Key": key or new_key()}, content
        )

    async def put_bytes(self, path: str, content: bytes, *, method: str = "POST", **head: str) -> Answer:
        """Send bytes as they are; words of ``head`` are joined by dashes."""
        named = {name.replace("_", "-"): value for name, value in head.items()}
        return await self._until_answered(method, path, named, content)

    async def press(self, path: str, **fields: str) -> Answer:
        """Send the form of a page."""
        content = urlencode({"csrf": self._csrf, **fields}).encode()
        return await self._until_answered("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, content)

    def hang_up(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._open is not None:
            self._open[1].close()
        self._open = None

    async def _until_answered(self, method: str, path: str, head: Mapping[str, str], content: bytes) -> Answer:
        kind = f"{method} {_NAMES.sub('…', path)}"
        while True:
            try:
                async with self._one_at_a_time:
                    sent = time.monotonic()
                    answer = await asyncio.wait_for(self._call(method, path, head, content), PATIENCE)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.hang_up()
                self._told.again[type(error).__name__] += 1
                await asyncio.sleep(0.05)
                continue
            if answer.status not in AGAIN:
                break
            self._told.again[str(answer.status)] += 1
            if answer.status == 500:
                self._told.broken[kind] += 1
            await asyncio.sleep(self._chance.uniform(0.1, 0.3) * (10 if answer.status == 429 else 1))
        if not answer.good:
            self._told.refused[f"{kind} {answer.status}"] += 1
        elif method != "GET":
            self._told.accepted.append((sent, time.monotonic()))
        return answer

    async def _call(self, method: str, path: str, head: Mapping[str, str], content: bytes) -> Answer:
        self._open = self._open or await asyncio.open_connection(self._told.host, self._told.port, limit=1 << 20)
        reader, writer = self._open
        who = {"Authorization": f"Bearer {self._token}"}
        if self._csrf:
            who = {"Cookie": f"mawid={self._token}; mawid_language=en"}
        fields = {"Host": "localhost", "X-Forwarded-For": self._address, "Content-Length": str(len(content))}
        if self._token:
            fields |= who
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**fields, **head}.items())
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content)
        await writer.drain()
        top = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(top)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if b"connection: close" in top.lower():
            self.hang_up()
        return Answer(int(top[9:12]), top, body)


def new_key() -> str:
    """Return a key that no other call has."""
    return secrets.token_hex(8)
