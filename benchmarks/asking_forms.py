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
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text

from api.pages.citizen.ask import drafts
from booking.antifraud.gate.versions import publish_model
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.platform.models.states import Door
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


def led_to(head: bytes) -> bytes:
    """Return where an answer led: to the request that was made, or the status."""
    found = re.search(rb"location: (/requests/).*new=1", head)
    return found[1] if found else OVER_HTTP["status_of"](head)


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=128)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(OVER_HTTP["opened"]())
        publish_model(core, artifact=train(seed=7, rows=20_000))
        payloads = forms(core, OVER_HTTP["settle"](core, options.requests + WARM_UP))
        trusting = {"MAWID_TRUSTED_PROXIES": "127.0.0.1"}
        stack.enter_context(OVER_HTTP["site"](postgres.url, valkey.url, folder, trusting, port=PORT))
        how = {"clients": options.clients, "port": PORT, "told": led_to, "good": b"/requests/"}
        asyncio.run(OVER_HTTP["over_http"](payloads[:WARM_UP], **how))
        with core.sessions.begin() as session:
            session.execute(text("ANALYZE"))  # or a table that was empty is read from its beginning
        before = OVER_HTTP["used"]()
        rate, latencies, led = asyncio.run(OVER_HTTP["over_http"](payloads[WARM_UP:], **how))
        cuts = [cut * 1e3 for cut in statistics.quantiles(latencies, n=100)]
        milliseconds = 1e3 * (OVER_HTTP["used"]() - before) / options.requests
        with core.sessions() as session:
            kept, commits = session.execute(text("SELECT count(*), count(DISTINCT xmin::text) FROM request")).one()
        print(f"{options.clients} clients: {rate:,.0f} a second, p50 {cuts[49]:.0f}, p99 {cuts[98]:.0f} ms;", end=" ")
        told = {one.decode(): count for one, count in led.items()}
        print(f"processor time {milliseconds:.2f} ms each, {kept / commits:.1f} requests a commit; {told}")


if __name__ == "__main__":
    main()
