"""Notices of a large draw: written by its statements, then handed to a gateway over HTTP, a process of its own.

Usage: ``python -m benchmarks.notices FOLDER [fast|slow|half|dead] [MOST]`` on a folder that ``nation.py`` filled.
Its requests are made drawn and carried over by half, as a draw of that size leaves them. The gateway answers at once,
after 200 ms, every second call with 503, or never listens. Notices beyond MOST are not sent.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from pydantic import SecretStr

from benchmarks.nation import SECRET
from benchmarks.replayed.processor import total as used
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres

PREPARE = """
    DELETE FROM delivery; DELETE FROM appointment; DELETE FROM message;
    UPDATE request SET state = 'carried_over', decided_at = now();
    INSERT INTO appointment (id, reference, request_id, draw_id, office_id, starts_at, ends_at, confirm_by, state,
                             created_at)
    SELECT gen_random_uuid(), reference, id, NULL, (SELECT min(id) FROM office), now() + interval '9 days',
           now() + interval '9 days 20 minutes', now() + interval '5 days', 'offered', now()
    FROM request WHERE get_byte(nonce, 0) < 128;
    UPDATE request SET state = 'drawn' WHERE get_byte(nonce, 0) < 128
"""
WRITE = (
    """
    INSERT INTO message (id, account_id, kind, values, created_at)
    SELECT gen_random_uuid(), request.account_id, 'request_drawn',
           jsonb_build_object('reference', appointment.reference, 'draw', 'nation'), now()
    FROM request JOIN appointment ON appointment.request_id = request.id
    """,
    """
    INSERT INTO message (id, account_id, kind, values, created_at)
    SELECT gen_random_uuid(), account_id, 'request_carried_over',
           jsonb_build_object('reference', reference, 'draw', 'nation'), now()
    FROM request WHERE state = 'carried_over'
    """,
)
"""What `booking.scheduling.draws` writes when a draw is applied, with all checks and indexes."""
SLOW_SECONDS = 0.2
AGAIN = (sys.executable, "-m", "benchmarks.notices")


def main() -> None:
    """Print one line a measurement."""
    folder, kind = Path(sys.argv[1]), (sys.argv[2:] or ["fast"])[0]
    settings = Settings(_env_file=None, secret_key=SecretStr(SECRET), quiet_from=0, quiet_until=0)  # whatever the hour
    with EmbeddedPostgres(folder) as server:
        migrate(server.url)
        write(server.dsn, int(sys.argv[3]) if len(sys.argv) > 3 else 10**9)
        gateway = subprocess.Popen([*AGAIN, "gateway", kind], stdout=subprocess.PIPE, text=True)
        try:
            port = int(gateway.stdout.readline()) if gateway.stdout and kind != "dead" else 9
            at = SecretStr(f"json://127.0.0.1:{port}/send?-to={{to}}")
            settings = settings.model_copy(update={"gateway_sms": at})
            with open_core(settings, database_url=server.url, redis_url="unix:///nowhere") as core:
                began, before = time.perf_counter(), seconds(server, gateway.pid)
                sent = deliver_waiting(core)
                took, after = time.perf_counter() - began, seconds(server, gateway.pid)
        finally:
            gateway.terminate()
        spent = [one - other for one, other in zip(after, before, strict=True)]
        each = ", ".join(f"{name} {one / max(sent, 1) * 1000:.2f}" for name, one in zip(WHO, spent, strict=True))
        print(f"{kind}: {sent:,} sent in {took:.1f} s, {sent / took:,.0f} a second; milliseconds each: {each}")
        print("the gateway: " + (gateway.stdout.read().strip() if gateway.stdout else ""))


WHO = ("worker", "PostgreSQL", "gateway")


def seconds(server: EmbeddedPostgres, gateway: int) -> list[float]:
    """Return the processor time of this process with those that it ended, of the database and of the gateway so far."""
    return [sum(os.times()[:4]), used(server.process_id), used(gateway)]


def write(dsn: str, most: int) -> None:
    """Write the notices of a draw, and print how long that takes."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(PREPARE)
        connection.execute("VACUUM ANALYZE")
    with psycopg.connect(dsn) as connection:
        began = time.perf_counter()
        written = sum(connection.execute(one).rowcount for one in WRITE)
        connection.commit()
        took = time.perf_counter() - began
        print(f"{written:,} notices written in {took:.1f} s, {took / written * 1e6:.0f} microseconds each")
        connection.execute(
            "DELETE FROM message WHERE id IN (SELECT id FROM message ORDER BY id OFFSET %s)", [min(most, written)]
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE message")


class Gateway(asyncio.Protocol):
    """A gateway that counts what it takes; the least that speaks HTTP, so that little of the machine is its own."""

    asked, taken, keys = 0, 0, set[bytes]()

    def __init__(self, kind: str) -> None:
        self.kind, self.read = kind, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a call once it is there whole."""
        self.read += data
        head, end, rest = self.read.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        if not end or len(rest) < int(fields[b"content-length"]):
            return
        self.read = b""
        Gateway.asked += 1
        status = b"503 Busy" if self.kind == "half" and Gateway.asked % 2 else b"200 OK"
        if status[:3] == b"200":
            Gateway.taken += 1
            Gateway.keys.add(fields[b"idempotency-key"])
        delay = SLOW_SECONDS if self.kind == "slow" else 0
        asyncio.get_running_loop().call_later(delay, self.answer, status) if delay else self.answer(status)

    def answer(self, status: bytes) -> None:
        """Answer one call."""
        self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")  # type: ignore[attr-defined]


async def serve(kind: str) -> None:
    """Serve until the end, then say what was taken, and how much of it twice."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(15, stopped.set)
    server = await loop.create_server(lambda: Gateway(kind), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopped.wait()
    twice = Gateway.taken - len(Gateway.keys)
    print(json.dumps({"asked": Gateway.asked, "taken": Gateway.taken, "twice": twice}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] == "gateway":
        import uvloop

        uvloop.run(serve(sys.argv[2]))
    else:
        main()
