"""What each step of an online form costs in processor time and statements, one call at a time in one process.

Run with ``python -P benchmarks/form_steps.py [PEOPLE]``; it starts its own PostgreSQL and Valkey. Everyone fills in the
form of `form_sessions` one after the other, without HTTP between: what a busy machine takes from a web process is left
out, and so is what its clients cost. The first fifty people are not counted.
"""

import asyncio
import re
import runpy
import statistics
import sys
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, event

from api.main import create_app

SESSIONS = runpy.run_path(str(Path(__file__).with_name("form_sessions.py")))
SPENT = SESSIONS["PROCESSOR"]["spent"]
PEOPLE = 200
NOT_COUNTED = 50


class Steps:
    """Calls the application as a server would, and keeps what each kind of step cost."""

    def __init__(self, app: Any, address: str) -> None:
        self._app, self._host = app, address.removeprefix("http://").encode()
        self.took, self.statements = defaultdict[str, list[float]](list), defaultdict[str, list[int]](list)
        self._sent = 0
        event.listen(Engine, "before_cursor_execute", self._count)

    def _count(self, *_about: object) -> None:
        self._sent += 1

    async def call(self, one: Any, kind: str, path: str, **fields: str) -> str:
        """Make one call; return where it leads."""
        body = urlencode({"csrf": one.csrf, **fields}).encode() if fields else b""
        headers = [(b"host", self._host), (b"cookie", f"mawid={one.cookie}; mawid_device={'d' * 22}".encode())]
        if fields:
            headers += [(b"content-type", b"application/x-www-form-urlencoded")]
            headers += [(b"content-length", str(len(body)).encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST" if fields else "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": (f"10.{one.member >> 8}.{one.member & 255}.7", 1),
            "server": ("localhost", 80),
            "state": {},
        }
        answers = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        self._sent, began = 0, time.process_time()
        await self._app(scope, receive, send)
        self.took[kind].append(time.process_time() - began)
        self.statements[kind].append(self._sent)
        started = answers[0]
        if started["status"] != (303 if fields else 200):
            raise SystemExit(f"{kind} {path}: {started['status']}")
        led = re.search(r"(/online\S*)", dict(started["headers"]).get(b"location", b"").decode())
        return led[1] if led else path

    async def fill(self, one: Any, today: str) -> None:
        """Begin a case, open each part and answer it."""
        to = await self.call(one, "begin", f"/online/services/{SESSIONS['SERVICE']}", person=str(one.member))
        one.case = to.split("/")[3]
        names = [f"answer-{code}" for code in SESSIONS["CODES"]]
        for asked, answers in (
            (names[:3], ("damascus", f"{1_000_000 + one.member}", "private")),
            (names[3:], ("كيا ريو", today, "6")),
        ):
            await self.call(one, "page", to)
            to = await self.call(one, "answer", to, **dict(zip(asked, answers, strict=True)))

    async def send(self, one: Any) -> None:
        """Read the review and send the case."""
        review = f"/online/cases/{one.case}/review"
        await self.call(one, "review", review)
        await self.call(one, "send", review, declared="yes")


def main() -> None:
    """Measure and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with SESSIONS["a_country"]() as (core, *_):
        drivers, steps = SESSIONS["settle"](core, count + NOT_COUNTED), Steps(create_app(core), SESSIONS["BASE_URL"])
        day = (core.today() + timedelta(days=1)).isoformat()

        async def fill_and_send(few: list[Any]) -> None:
            for one in few:
                await steps.fill(one, day)
            SESSIONS["put_papers"](core, few)
            for one in few:
                await steps.send(one)

        async def everyone() -> dict[str, float]:
            await fill_and_send(drivers[:NOT_COUNTED])
            steps.took.clear()
            steps.statements.clear()
            began = SPENT()
            await fill_and_send(drivers[NOT_COUNTED:])
            return {name: used - began.get(name, 0.0) for name, used in SPENT().items()}

        spent = asyncio.run(everyone())
    calls = sum(map(len, steps.took.values()))
    print("| step | calls | statements | processor time: median | mean |")
    for kind, took in steps.took.items():
        told = f"{statistics.median(took) * 1e3:.2f} | {statistics.mean(took) * 1e3:.2f}"
        print(f"| {kind} | {len(took)} | {statistics.median(steps.statements[kind]):.0f} | {told} |")
    everything = sum(map(sum, steps.took.values())) / calls
    others = ", ".join(f"{name} {1e3 * used / calls:.2f}" for name, used in spent.items() if used > 0)
    print(f"one of {calls} calls, in ms: python {1e3 * everything:.2f}, {others}")


if __name__ == "__main__":
    main()
