"""Orders a second of pretix beside requests a second of Mawid: the same machine, the same PostgreSQL, in turn.

Run with ``python benchmarks/pretix.py``; it installs pretix from its package into an environment of its own, or takes
the one whose Python ``--pretix`` names. pretix sells free tickets over its REST API, each order one ticket of one
quota; Mawid takes requests of citizens over its own. Both have a durable private PostgreSQL and Valkey, and the load
generator is on the same cores. What pretix leaves to its task queue (mail, webhooks) is queued and not done here, which
is in its favour.
"""

import argparse
import asyncio
import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from booking.antifraud.gate.versions import publish_model
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from fraud import train

MAWID = runpy.run_path(str(Path(__file__).parent / "http_requests.py"))
SHOP = Path(__file__).parent / "replayed" / "pretix_shop.py"
PORT = 8798
WORKERS = 4
"""Processes of pretix; its handbook says twice the number of cores."""
ORDERS = "/api/v1/organizers/offices/events/passports/orders/"


def installed(folder: Path) -> Path:
    """Install pretix and the server that its handbook names; return the Python that has them."""
    python = folder / "environment" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(folder / "environment")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "pretix>=2026.8", "gunicorn>=23"], check=True)
    return python


@contextmanager
def shop(python: Path, folder: Path, places: int) -> Iterator[tuple[str, str, EmbeddedPostgres]]:
    """Run pretix with one event; yield the number of its ticket, a token, and its database."""
    with EmbeddedPostgres(folder / "p", "pretix") as postgres, EmbeddedValkey(folder / "v") as valkey:
        user, host = re.findall(r"//(\w+)@/\w+\?host=(.+)$", postgres.dsn)[0]
        host = host.replace("%2F", "/")
        queue = valkey.url.replace("unix://", "redis+socket://")
        (folder / "data").mkdir()
        (folder / "pretix.cfg").write_text(
            f"[pretix]\ninstance_name=Offices\nurl=http://localhost:{PORT}\ndatadir={folder}/data\n"
            f"[database]\nbackend=postgresql\nname=pretix\nuser={user}\nhost={host}\n"
            f"[redis]\nlocation={valkey.url}\nsessions=true\n"
            f"[celery]\nbackend={queue}\nbroker={queue}\n",
            encoding="utf-8",
        )
        environment = os.environ | {"PRETIX_CONFIG_FILE": f"{folder}/pretix.cfg", "PLACES": str(places)}
        run = [str(python), "-m", "pretix"]
        subprocess.run([*run, "migrate"], env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        said = subprocess.run(
            [*run, "shell", "-c", SHOP.read_text(encoding="utf-8")],
            env=environment,
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        item, token = re.findall(r"made (\d+) (\w+)", said)[0]
        serve = [str(python), "-m", "gunicorn", "pretix.wsgi", "-w", str(WORKERS), "-b", f"127.0.0.1:{PORT}"]
        with subprocess.Popen(serve, env=environment, cwd=folder, stderr=subprocess.DEVNULL) as running:
            try:
                await_answer(token)
                yield item, token, postgres
            finally:
                running.terminate()


def await_answer(token: str) -> None:
    """Return when the shop answers."""
    for _ in range(240):
        connection = HTTPConnection("127.0.0.1", PORT)
        try:
            connection.request("GET", ORDERS, headers={"Host": f"localhost:{PORT}", "Authorization": f"Token {token}"})
            assert connection.getresponse().status == HTTPStatus.OK
        except ConnectionError:
            time.sleep(0.5)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError


def orders(item: str, token: str, count: int) -> list[bytes]:
    """Write the HTTP requests of ``count`` orders of one free ticket."""
    made = []
    for number in range(count):
        position = {"positionid": 1, "item": int(item), "variation": None, "price": "0.00"}
        order = {
            "email": f"citizen{number}@example.org",
            "locale": "en",
            "sales_channel": "web",
            "payment_provider": "free",
            "status": "p",
            "positions": [position],
        }
        body = json.dumps(order).encode()
        head = (
            f"POST {ORDERS} HTTP/1.1\r\nHost: localhost:{PORT}\r\nAuthorization: Token {token}\r\n"
            f"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def at_shop(payloads: list[bytes], clients: int) -> tuple[float, list[float], Counter[bytes]]:
    """Send all orders by ``clients`` at once; return accepted orders a second, latencies (s), statuses."""
    waiting, latencies, answers = iter(payloads), [], Counter[bytes]()

    async def client() -> None:
        for payload in waiting:
            began = time.perf_counter()
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)  # its server keeps no connection open
            writer.write(payload)
            answer = await reader.read()
            writer.close()
            latencies.append(time.perf_counter() - began)
            answers[answer.split(b" ", 2)[1]] += 1

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return answers[b"201"] / (time.perf_counter() - began), latencies, answers


def row(name: str, rate: float, latencies: list[float], answers: Counter[bytes], cost: float) -> str:
    """Write a row of the table; ``cost`` is the processor time of all servers, in seconds."""
    latencies.sort()
    middle, late = (latencies[int(len(latencies) * share)] * 1e3 for share in (0.5, 0.99))
    others = {status.decode(): count for status, count in answers.items() if status != b"201"} or "none"
    each = 1e3 * cost / len(latencies)
    return f"| {name} | {rate:,.1f} | {middle:,.0f} ms | {late:,.0f} ms | {each:.1f} ms | {others} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pretix", type=Path, help="the Python of an environment with pretix and gunicorn")
    parser.add_argument("--orders", type=int, default=400, help="a round")
    parser.add_argument("--requests", type=int, default=3_200, help="a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=64)
    options = parser.parse_args()
    with ExitStack() as stack:
        places = options.orders * (options.rounds + 1)
        of_shop = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        python = options.pretix.absolute() if options.pretix else installed(of_shop)
        item, token, database = stack.enter_context(shop(python, of_shop, places))
        payloads = open_mawid(stack, options.requests * (options.rounds + 1))
        tickets = orders(item, token, options.orders)
        asyncio.run(at_shop(tickets, options.clients))  # the first of each process reads what is read once
        asyncio.run(MAWID["over_http"](payloads[: options.requests], clients=options.clients))
        print("| | a second | p50 | p99 | processor time of one | refused |\n|---|---:|---:|---:|---:|---|")
        for number in range(1, options.rounds + 1):
            before = MAWID["used"]()
            sold = asyncio.run(at_shop(tickets, options.clients))
            print(row("pretix: an order", *sold, MAWID["used"]() - before), flush=True)
            before = MAWID["used"]()
            some = payloads[number * options.requests : (number + 1) * options.requests]
            asked = asyncio.run(MAWID["over_http"](some, clients=options.clients))
            print(row("Mawid: a request", *asked, MAWID["used"]() - before), flush=True)
        with psycopg.connect(database.dsn) as connection:
            kept = connection.execute("SELECT count(*) FROM pretixbase_orderposition").fetchone()
        print(f"\npretix sold {kept[0]} of {places} places.")


def open_mawid(stack: ExitStack, count: int) -> list[bytes]:
    """Run Mawid's web processes; return the HTTP requests of ``count`` citizens."""
    folder, postgres, valkey, core = stack.enter_context(MAWID["opened"]())
    publish_model(core, artifact=train(seed=7, rows=20_000))
    payloads: list[bytes] = MAWID["calls"](core, MAWID["settle"](core, count))
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
    stack.enter_context(MAWID["site"](postgres.url, valkey.url, folder, {"MAWID_TRUSTED_PROXIES": "127.0.0.1"}))
    return payloads


if __name__ == "__main__":
    main()
