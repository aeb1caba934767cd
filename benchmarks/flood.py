"""One attacker at full speed, each attack in turn, and how long a citizen's pages take meanwhile.

Run with ``./run bench flood [--seconds 15] [--clients 64] [--attack NAME]``. It starts its own durable PostgreSQL and
Valkey and one web process, and attacks it from another process over as many open connections as given, all from one
address. A citizen, signed in and in another network, opens their page four times a second. Printed for each attack:
calls a second, the web process's processor time for each (the citizen's visits in it) and what they were answered, how
long the citizen's pages took, and the web process's largest memory.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import re
import runpy
import statistics
import subprocess
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from hashlib import sha256
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from booking.country.core import visitors
from booking.country.core.core import Core
from booking.eservices.online.begin import begin_case
from booking.platform.base.settings import Settings
from booking.platform.models import OpenDataFile
from booking.serving import web_command

FORMS = runpy.run_path(str(Path(__file__).with_name("form_sessions.py")))
used = runpy.run_path(str(Path(__file__).parent / "replayed" / "processor.py"))["total"]
opened = FORMS["HTTP"]["opened"]
PORT = 8797
SECRET = "a secret for a flood that is long enough"  # noqa: S105 - of a benchmark
ATTACKER, CITIZEN = "203.0.113.7", "198.51.100.20"
ACCOUNTS = 44
PACE = 0.25
COLUMNS = ("attack", "calls a second", "processor a call", "answers", "a citizen's page: p50", "p99", "its answers")
COLUMNS += ("memory",)
PUBLISHED_DAY = date(2026, 1, 1)
FORM = "application/x-www-form-urlencoded"


def http(method: str, path: str, body: bytes = b"", *, address: str = ATTACKER, **headers: str) -> bytes:
    """Write one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\nX-Forwarded-For: {address}\r\n"
    head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def publish(core: Core) -> None:
    """Publish two files of 4 MiB, as large as a country's draw of 60,000."""
    chance = random.Random(1)  # noqa: S311 - no secret
    known = {"schema_version": "1", "media_type": "text/csv; charset=utf-8", "published_at": core.clock.now()}
    for name in ("a.csv", "b.csv"):
        content = "\n".join(f"{chance.random()},{chance.randrange(100)}" for _ in range(190_000)).encode()
        file = OpenDataFile(day=PUBLISHED_DAY, name=name, content=content, sha256=sha256(content).hexdigest(), **known)
        file.size = len(content)
        with core.sessions.begin() as session:
            session.add(file)


def slow_pdf() -> bytes:
    """Return a small PDF of one page that takes long to draw."""
    drawn = zlib.compress(b"0 0 m 100 800 500 -200 600 800 c 300 0 0 400 600 0 c f\n" * 20_000)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj%s endobj\n" % (n, part) for n, part in enumerate(parts, 1))
    return body + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF"


def attacks(core: Core, drivers: Sequence[Any]) -> dict[str, list[bytes]]:
    """Return what each attack sends again and again; ``drivers`` are accounts with a session."""
    token, session = visitors.begin(core, language="ar")
    sealed = {"Cookie": f"mawid={token}", "Content_Type": FORM}

    def form(path: str, **fields: str) -> bytes:
        return http("POST", path, urlencode({"csrf": session.csrf, **fields}).encode(), **sealed)

    uploads = []
    pdf = slow_pdf()
    for one in drivers:
        case = begin_case(core, account_id=one.account, service=FORMS["SERVICE"], member_id=one.member)
        headers = {"Authorization": f"Bearer {one.cookie}", "Content_Type": "application/pdf"}
        uploads.append(http("POST", f"/api/v1/online/cases/{case}/papers/registration", pdf, **headers))
    return {
        "nothing": [],
        "pages": [http("GET", path) for path in ("/", "/how", "/offices", "/draws")],
        "pages that are not there": [http("GET", f"/nothing/{number}") for number in range(100)],
        "searches": [
            http("GET", f"/services?q={word}") for word in ("passport+new+lost", "a", "%D8%AC%D9%88%D8%A7%D8%B2")
        ],
        "free places": [http("GET", "/api/v1/instant-slots?service=passport-renewal&office=damascus&people=6")],
        "forms without a cookie": [http("GET", path) for path in ("/register", "/sign-in", "/reset")],
        "downloads": [
            http("GET", f"/open-data/days/{PUBLISHED_DAY}/{name}", Accept_Encoding="gzip")
            for name in ("a.csv", "b.csv")
        ],
        "stale forms": [http("POST", "/register", b"csrf=x&phone=" + b"9" * 8_000, Content_Type=FORM)],
        "sign-ins": [form("/sign-in", username=f"nobody{number}", password="a" * 12) for number in range(1_000)],
        "new accounts of others": [
            form("/helped/next", choice="take_over", code="000000", username=f"name{number}", password="a" * 12)
            for number in range(1_000)
        ],
        "JSON of 64 KB": [http("POST", "/api/v1/sessions", b'{"a":' * 12_000, Content_Type="application/json")],
        "slow PDFs of 44 accounts": uploads,
    }


def attack(
    payloads: Sequence[bytes], clients: int, begun: Event, over: Event, told: "multiprocessing.Queue[Counter[str]]"
) -> None:
    """Send as fast as answers come, over ``clients`` connections, until told to end."""
    answers: Counter[str] = Counter()
    begun.set()

    async def client(number: int) -> None:
        place = number
        while not over.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**20)
                while not over.is_set():
                    writer.write(payloads[place % len(payloads)])
                    place += clients
                    answers[(await _answer(reader))] += 1
            except (OSError, asyncio.IncompleteReadError):
                answers["closed"] += 1

    async def everyone() -> None:
        working = [asyncio.create_task(client(number)) for number in range(clients)]
        while not over.is_set():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.1)
        for one in working:
            one.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    asyncio.run(everyone())
    told.put(answers)


async def _answer(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return head.split(b" ", 2)[1].decode()


async def visit(payload: bytes, seconds: float, watch: Callable[[], None]) -> tuple[list[float], Counter[str]]:
    """Open the citizen's page every ``PACE`` seconds, however long the one before takes; return times and statuses."""
    took, answers = [], Counter[str]()

    async def once() -> None:
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**20)
        writer.write(payload)
        answers[await _answer(reader)] += 1
        took.append(time.perf_counter() - began)
        writer.close()

    visits = []
    for _ in range(int(seconds / PACE)):
        visits.append(asyncio.create_task(once()))
        watch()
        await asyncio.sleep(PACE)
    await asyncio.gather(*visits)
    return took, answers


async def warm_up(payload: bytes) -> None:
    """Wait until the site listens, and open the page some times."""
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            break
    await visit(payload, 3, lambda: None)


@contextmanager
def site(database_url: str, redis_url: str, folder: Path, workers: int = 1) -> Iterator[int]:
    """Run web processes as in production; yield the id of the one, or of the one that watches over them."""
    environment = os.environ | {
        "MAWID_DATABASE_URL": database_url,
        "MAWID_REDIS_URL": redis_url,
        "MAWID_SECRET_KEY": SECRET,
        "MAWID_STATE_DIR": str(folder / "state"),
        "MAWID_TRUSTED_PROXIES": "127.0.0.1",
    }
    settings = Settings(_env_file=None, secret_key=SecretStr(SECRET), workers=workers)
    command = web_command(settings, host="127.0.0.1", port=PORT)
    with subprocess.Popen(
        command, env=environment, cwd=folder, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        assert running.stderr is not None
        begun = sum(1 for _ in islice((line for line in running.stderr if "startup complete" in line), workers))
        assert begun == workers, "the site did not start"
        Thread(target=running.stderr.read, daemon=True).start()
        try:
            yield running.pid
        finally:
            running.terminate()


def memory_mib(process: int) -> float:
    """Return the resident memory of a process now."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def measure(name: str, payloads: Sequence[bytes], citizen: bytes, process: int, options: argparse.Namespace) -> None:
    """Attack for some seconds and print a row."""
    context = multiprocessing.get_context("spawn")
    begun, over, told, memory = context.Event(), context.Event(), context.Queue(), []
    attacker = context.Process(target=attack, args=(payloads, options.clients, begun, over, told))
    if payloads:
        attacker.start()
        begun.wait()  # it imports as much as the site
    began, before = time.perf_counter(), used(process)
    time.sleep(2)  # until it is at full speed
    took, answers = asyncio.run(visit(citizen, options.seconds, lambda: memory.append(memory_mib(process))))
    over.set()
    seconds, spent = time.perf_counter() - began, 1e3 * (used(process) - before)
    sent: Counter[str] = told.get() if payloads else Counter()
    if payloads:
        attacker.join()
    cuts = statistics.quantiles(took, n=100)
    calls = sum(sent.values())
    each = f"{spent / calls:.1f} ms" if calls else "–"
    median, nearly_all = statistics.median(took) * 1e3, cuts[98] * 1e3
    said = ", ".join(f"{count} × {status}" for status, count in sent.most_common(4)) or "–"
    seen = ", ".join(answers)
    print(
        f"| {name} | {calls / seconds:.0f} | {each} | {said} | {median:.0f} ms | {nearly_all:.0f} ms | {seen} "
        f"| {max(memory):.0f} MiB |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--attack", default="", help="only those whose name holds this")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(opened(SECRET))
        publish(core)
        amal, *others = FORMS["settle"](core, ACCOUNTS + 1)
        citizen = http("GET", "/me", address=CITIZEN, Cookie=f"mawid={amal.cookie}")
        every = attacks(core, others)
        process = stack.enter_context(site(postgres.url, valkey.url, folder))
        asyncio.run(warm_up(citizen))
        print(f"one web process, {options.clients} connections of one address, {os.cpu_count()} cores for everything,")
        print(f"{core.clock.now():%Y-%m-%d}, load of the machine before: {os.getloadavg()[0]:.1f}\n")
        print(f"| {' | '.join(COLUMNS)} |")
        print("|---|---:|---:|---|---:|---:|---|---:|")
        for name, payloads in every.items():
            if options.attack in name:
                measure(name, payloads, citizen, process, options)


if __name__ == "__main__":
    main()
