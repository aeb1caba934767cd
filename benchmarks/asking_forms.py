"""Requests accepted a second by the last page of asking, as citizens send it, and the processor time of each.

Run with ``python -P benchmarks/asking_forms.py``; as `http_requests` does, it starts a durable PostgreSQL and Valkey
and two web processes of its own. Each request is a new person's, who is signed in and has answered the pages before.
"""

import argparse
import asyncio
import re
import runpy
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text

from api.pages.citizen.ask import drafts
from booking.base.settings import Settings
from booking.catalogue.load import load_catalogue
from booking.core import sessions
from booking.core.core import Core
from booking.core.schema import migrate
from booking.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.gate.publish import publish_default_rules, publish_model
from booking.models.states import Door
from booking.opening import open_core
from fraud import train

OVER_HTTP = runpy.run_path(str(Path(__file__).with_name("http_requests.py")))
PORT = 8797
WARM_UP = 300


def forms(core: Core, citizens: Sequence[Any]) -> list[bytes]:
    """Write the HTTP requests that browsers send with the button of the last page."""
    made = []
    for one in citizens:
        token, data = sessions.create(core, account_id=one.account, language="ar", door=Door.HOME, roles=("citizen",))
        answers = {"service": "passport-renewal", "reason": "", "people": [one.member], "offices": ["damascus", "homs"]}
        when = {"weekdays": [0, 1, 2, 3, 6], "bands": OVER_HTTP["BANDS"]}
        started = core.clock.now().isoformat()
        drafts.keep_step(core, one.account, Door.HOME, **answers, when=when, dates={}, home={}, started=started)
        body = f"csrf={data.csrf}&key={secrets.token_urlsafe(16)}"
        made.append(
            f"POST /ask/review HTTP/1.1\r\nHost: localhost:8000\r\nOrigin: http://localhost:8000\r\n"
            f"Cookie: mawid={token}; mawid_device={secrets.token_urlsafe(16)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: {OVER_HTTP['network'](one)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
    return made


async def send(payloads: Sequence[bytes], clients: int) -> tuple[list[float], Counter[str]]:
    """Send all forms over open connections; return latencies (s), and where the answers led."""
    waiting, latencies, led = iter(payloads), [], Counter[str]()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        for payload in waiting:
            began = time.perf_counter()
            writer.write(payload)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
            latencies.append(time.perf_counter() - began)
            found = re.search(rb"location: (/requests/).*new=1", head)
            led[found[1].decode() if found else head.decode().partition("\r\n")[0]] += 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return latencies, led


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=128)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        settings = Settings(_env_file=None, secret_key=OVER_HTTP["SECRET"])
        core = stack.enter_context(open_core(settings, database_url=postgres.url, redis_url=valkey.url))
        load_catalogue(core, pack=core.pack)
        publish_default_rules(core)
        publish_model(core, artifact=train(seed=7, rows=20_000))
        payloads = forms(core, OVER_HTTP["settle"](core, options.requests + WARM_UP))
        trusting = {"MAWID_TRUSTED_PROXIES": "127.0.0.1"}
        stack.enter_context(OVER_HTTP["site"](postgres.url, valkey.url, folder, trusting, port=PORT))
        asyncio.run(send(payloads[:WARM_UP], options.clients))
        with core.sessions.begin() as session:
            session.execute(text("ANALYZE"))  # or a table that was empty is read from its beginning
        before, began = OVER_HTTP["used"](folder), time.perf_counter()
        latencies, led = asyncio.run(send(payloads[WARM_UP:], options.clients))
        rate = options.requests / (time.perf_counter() - began)
        cuts = [cut * 1e3 for cut in statistics.quantiles(latencies, n=100)]
        milliseconds = (OVER_HTTP["used"](folder) - before) / options.requests
        with core.sessions() as session:
            kept, commits = session.execute(text("SELECT count(*), count(DISTINCT xmin::text) FROM request")).one()
        print(f"{options.clients} clients: {rate:,.0f} a second, p50 {cuts[49]:.0f}, p99 {cuts[98]:.0f} ms;", end=" ")
        print(f"processor time {milliseconds:.2f} ms each, {kept / commits:.1f} requests a commit; {dict(led)}")


if __name__ == "__main__":
    main()
