"""Server time of each kind of page, for everyone and for each kind of account, on a demonstration.

Run with ``python -P benchmarks/pages.py [ROUNDS]`` beside a demonstration that runs, with its settings in the
environment (``MAWID_DATABASE_URL``, ``MAWID_REDIS_URL``, ``MAWID_STATE_DIR``). With its ready accounts, from the first
pages of each on, links are followed until one page of each route was seen. Each is called once
to warm up and then ROUNDS times; shown are the median milliseconds on the clock, those of this process's processor and
those that the processes of PostgreSQL worked (a mean; they run on this machine). On a busy one the clock says little.
"""

import re
import runpy
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from logging import WARNING
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import structlog
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from api.deps import session_cookie
from api.main import create_app
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.base.settings import load_settings
from booking.platform.models import Account

used = runpy.run_path(str(Path(__file__).parent / "replayed" / "processor.py"))["total"]
SITE = "http://localhost:8000"
SLOW = 200.0
BEGIN = {
    None: ("/", "/services", "/draws", "/open-data", "/log", "/waiting-times", "/offices", "/how", "/status", "/check"),
    "citizen": (
        "/me", "/me/account", "/me/notices", "/me/security", "/household", "/household/add", "/plan", "/ask",
        "/ask/when", "/ask/people", "/ask/offices", "/ask/dates", "/ask/review", "/instant",
    ),
    "expatriate": ("/me", "/abroad", "/abroad/service", "/abroad/offices", "/abroad/dates"),
    "helper": ("/helper", "/helper/people/new", "/helper/new-paper"),
    "officer": ("/desk", "/desk/today"),
    "supervisor": ("/desk", "/desk/watch", "/desk/closing"),
    "reviewer": ("/desk", "/desk/appeals"),
    "case-immigration": ("/desk/online",),
    "analyst": (
        "/analyst", "/analyst/figures/today", "/analyst/figures/draws", "/analyst/figures/fraud",
        "/analyst/figures/offices", "/analyst/figures/levels", "/analyst/forecast", "/analyst/forecast?source=example",
        "/analyst/quotas", "/analyst/quotas/map", "/analyst/rules", "/analyst/models",
    ),
    "administrator": ("/admin", "/admin/staff", "/admin/audit", "/admin/observers"),
}  # fmt: skip
"""Pages from which links are followed, by user name; None is everyone."""
ALWAYS = {"/analyst/figures/{board}", "/analyst/forecast"}
"""Routes of which each beginning is measured, not one of them."""


Route = tuple[str, re.Pattern[str]]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where a link leads."""
        if tag == "a" and "download" not in dict(attrs):
            self.found.append(dict(attrs).get("href") or "")


def main() -> None:
    """Print one table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(WARNING))
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    settings = load_settings()
    if settings.database_url is None or settings.redis_url is None:
        sys.exit("set MAWID_DATABASE_URL and MAWID_REDIS_URL to those of a demonstration that runs")
    addresses = (one.get_secret_value() for one in (settings.database_url, settings.redis_url))
    with open_core(settings, **dict(zip(("database_url", "redis_url"), addresses, strict=True))) as core:
        app = create_app(core)
        paths = {one.path for one in iter_route_contexts(app.routes) if one.path and "GET" in (one.methods or ())}
        routes = [(path, re.compile("^" + re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path)) + "$")) for path in paths]
        print("| page | clock | processor | database | bytes |\n|---|---|---|---|---|")
        for name, begin in BEGIN.items():
            with TestClient(app, base_url=SITE, follow_redirects=False) as client:
                if name is not None:
                    client.cookies.set(session_cookie(core.settings), _token(core, name))
                for page in _pages(client, begin, routes):
                    _measure(core, client, page, rounds)


def _token(core: Core, name: str) -> str:
    with core.sessions() as session:
        found = session.scalar(select(Account).where(Account.username == name))
    if found is None:
        sys.exit(f"nobody is called {name} here")
    about = {"roles": found.roles, "office_id": found.office_id}
    return sessions.create(core, account_id=found.id, language="ar", door=found.door, **about)[0]


def _pages(client: TestClient, begin: Sequence[str], routes: Sequence[Route]) -> Iterator[str]:
    """Follow links from the first pages; yield one address of each route that shows a page."""
    waiting, seen = list(begin), set()
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        route = _route(path, routes)
        known = address if route in ALWAYS else route
        if known is None or known in seen or path.startswith(("/api/", "/sign-out", "/static")):
            continue
        seen.add(known)
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            reader = _Links()
            reader.feed(answer.text)
            waiting += [urljoin(address, link).split("#")[0] for link in reader.found if link.startswith(("/", "?"))]
            yield address


def _route(path: str, routes: Sequence[Route]) -> str | None:
    """Return the route of a path; one without blanks before one with them."""
    fitting = [name for name, pattern in routes if pattern.match(path)]
    return min(fitting, key=lambda name: name.count("{"), default=None)


def _measure(core: Core, client: TestClient, address: str, rounds: int) -> None:
    clock, processor, before = [], [], _database(core)
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(address)
        clock.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
    database = (_database(core) - before) / rounds
    told = f"{statistics.median(clock):.0f} ms | {statistics.median(processor):.0f} ms | {database:.0f} ms"
    slow = " slow" if statistics.median(processor) + database > SLOW else ""
    print(f"| `{address}` | {told} | {len(answer.content)} |{slow}", flush=True)


def _database(core: Core) -> float:
    """Return the milliseconds that the database's processes of connections like ours have worked."""
    with core.sessions() as session:
        ours = text("SELECT pid FROM pg_stat_activity WHERE application_name = current_setting('application_name')")
        return 1e3 * float(used(*session.scalars(ours)))


if __name__ == "__main__":
    main()
