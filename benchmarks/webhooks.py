"""Events to a receiver that is killed at random, by a sender that is killed too, while somebody forges others.

Usage: ``./run bench webhooks [EVENTS] [SEED]``. A database and all processes are its own. Requests change their states
while a receiver, a process of its own, writes down each event whose signature the package of Standard Webhooks accepts,
and only then answers. It is killed (-9) every second or so, between the two or in the middle of a call, the sender
every fifth time. Pauses after failures are cut short as "Try everything again now" cuts them.
"""

import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from pydantic import SecretStr

from benchmarks.replayed.processor import total as used
from benchmarks.troubled.event_receiver import forge
from booking.country.catalogue.load import load_catalogue
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.people.staff.create import create_staff
from booking.people.webhooks.send import send_waiting
from booking.people.webhooks.signing import make_secret
from booking.people.webhooks.subscribe import agree, subscribe
from booking.platform.base.settings import SecondFactor, Settings
from booking.platform.embedded import EmbeddedPostgres
from booking.platform.models.states import Role

STATES: Final = ("drawn", "carried_over", "withdrawn", "lapsed", "accepted")
SLICE: Final = 500
AGAIN: Final = (sys.executable, "-m", "benchmarks.webhooks")
SENDER_EVERY: Final = 5
"""So many kills of the receiver for one of the sender."""
OF_NOBODY: Final = "unix:///nowhere"
SEED_ROWS: Final = """
    INSERT INTO request (id, reference, account_id, service_id, door, state, party_size, units, first_day, weekdays,
                         bands, accessible, lost_draws, reschedules, nonce, receipt, device_hash, network_hash,
                         phone_hash, created_at)
    SELECT gen_random_uuid(), 'R' || lpad(n::text, 8, '0'), (SELECT id FROM account LIMIT 1),
           (SELECT min(id) FROM service), 'home', 'accepted', 1, 1, current_date, 127, 'morning', false, 0, 0, '\\x00',
           decode(lpad(to_hex(n), 8, '0'), 'hex'), '\\x00', '\\x00', '\\x00', now()
    FROM generate_series(1, %s) n
"""
WAITS: Final = """
    SELECT EXISTS (SELECT FROM webhook_event WHERE NOT handed_out)
        OR EXISTS (SELECT FROM webhook_delivery WHERE state = 'waiting')
"""
MOVE: Final = """
    UPDATE request SET state = %s
    WHERE id IN (SELECT id FROM request ORDER BY receipt OFFSET %s LIMIT %s)
"""


def main() -> None:
    """Run it, and print what was found."""
    events, seed = int((sys.argv[1:] or ["50000"])[0]), int((sys.argv[2:] or ["7"])[0])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with EmbeddedPostgres(folder / "postgres") as server:
            migrate(server.url)
            run(server, folder, requests=events // len(STATES), rng=random.Random(seed))  # noqa: S311 - no secret


def run(server: EmbeddedPostgres, folder: Path, *, requests: int, rng: random.Random) -> None:
    """Send what happens to so many requests, and compare what came with what happened."""
    with psycopg.connect(server.dsn, autocommit=True) as connection, opened(server.url) as core:
        port, kept = a_port(), folder / "kept"
        secret = subscribed(core, f"http://127.0.0.1:{port}/events")
        seed_requests(connection, requests)
        without, unheard, heard = microseconds(connection)
        print(f"a change of state, in microseconds: {without:.1f} untold, {unheard:.1f} unheard, {heard:.1f} heard")
        receiving = (sys.executable, "-m", "benchmarks.troubled.event_receiver", str(port), str(kept), secret)
        over = threading.Event()
        forging = threading.Thread(target=forge, args=(port, secret, over, counts := [0]))
        moving = threading.Thread(target=move, args=(server.dsn, requests))
        receiver, sender = started(receiving), started((*AGAIN, "send", server.url))
        began, before = time.perf_counter(), used(server.process_id)
        moving.start()
        forging.start()
        kills = [0, 0]
        while moving.is_alive() or waits(connection):
            time.sleep(rng.uniform(0.3, 2.0))
            if kills[0] % SENDER_EVERY == 0:  # while it sends
                sender = again(sender, (*AGAIN, "send", server.url))
                kills[1] += 1
                connection.execute("UPDATE webhook_subscription SET held_until = NULL")
                time.sleep(rng.uniform(0.5, 2.0))
            receiver = again(receiver, receiving)
            kills[0] += 1
            time.sleep(rng.uniform(0.5, 2.0))  # what a call to the killed one left is written by then
            connection.execute("UPDATE webhook_subscription SET rests_until = NULL")
        took = time.perf_counter() - began
        over.set()
        forging.join()
        for process in (receiver, sender):
            process.kill()
            process.communicate()
        print(f"receiver killed {kills[0]} times, sender {kills[1]} times, {counts[0]:,} forged events sent")
        print(f"{took:.0f} s; PostgreSQL {used(server.process_id) - before:.0f} s of processor time")
        compare(connection, kept)


def compare(connection: psycopg.Connection[tuple[object, ...]], kept: Path) -> None:
    """Print whether each event came, in which order, how often twice, and whether anything came that was not sent."""
    happened: dict[str, list[str]] = {}
    for event_id, subject in connection.execute("SELECT id, subject FROM webhook_event ORDER BY number"):
        happened.setdefault(str(subject), []).append(f"evt_{event_id.hex}")  # type: ignore[attr-defined]
    came: dict[str, list[str]] = {}
    lines = [line.split() for line in kept.read_text(encoding="ascii").splitlines()]
    for event_id, reference in lines:
        firsts = came.setdefault(f"request/{reference}", [])
        if event_id not in firsts:
            firsts.append(event_id)
    every = {one for ids in happened.values() for one in ids}
    got = {one for one, _ in lines}
    wrong = sum(came.get(subject) != ids for subject, ids in happened.items())
    never, twice, forged = len(every - got), len(lines) - len(got), len(got - every)
    print(f"{len(every):,} events of {len(happened):,} requests: {never:,} never came, {twice:,} came again")
    print(f"{wrong:,} requests out of order, {forged:,} accepted that nobody sent")


@contextmanager
def opened(url: str) -> Iterator[Core]:
    """Open a core that may send to this machine."""
    settings = Settings(
        _env_file=None,
        secret_key=SecretStr("a secret of benchmarks that is long enough"),
        webhook_plain=True,
        staff_second_factor=SecondFactor.OFF,
        password_hash_memory_kib=64,
    )
    with open_core(settings, database_url=url, redis_url=OF_NOBODY) as core:
        yield core


def subscribed(core: Core, url: str) -> str:
    """Subscribe the receiver to all states of requests; return its secret."""
    load_catalogue(core, pack=core.pack)
    first, second = (
        create_staff(
            core,
            username=name,
            password="a turn for everyone",  # noqa: S106 - of a database that ends with this
            phone=f"+9639440000{number}",
            roles=[Role.ADMINISTRATOR],
            office_code=None,
            language="en",
            by=None,
        )
        for name, number in (("first", 11), ("second", 12))
    )
    kinds = [f"request.{one}" for one in STATES]
    subscription = subscribe(core, by=first, name="Benchmark", url=url, kinds=kinds, reason="it is measured")
    agree(core, by=second, subscription_id=subscription)
    return make_secret(core, by=first, subscription_id=subscription)


def seed_requests(connection: psycopg.Connection[tuple[object, ...]], requests: int) -> None:
    """Write requests, of which nobody is told."""
    connection.execute("SET session_replication_role = replica")
    connection.execute(SEED_ROWS, [requests])
    connection.execute("SET session_replication_role = origin")
    connection.execute("VACUUM ANALYZE request")


def microseconds(connection: psycopg.Connection[tuple[object, ...]]) -> list[float]:
    """Return how long a change of state takes, of some that are rolled back: without our trigger, unheard, heard."""
    took = [0.0, 0.0, 0.0]
    for _ in range(2):  # the second time everything is warm
        for which in range(3):
            with connection.transaction(force_rollback=True):
                if which == 0:
                    connection.execute("ALTER TABLE request DISABLE TRIGGER event_of_state")
                if which == 1:
                    connection.execute("UPDATE webhook_subscription SET state = 'ended', ended_at = now()")
                began = time.perf_counter()
                rows = sum(connection.execute(MOVE, [one, 0, 2 * SLICE]).rowcount for one in STATES)
                took[which] = (time.perf_counter() - began) / max(rows, 1) * 1e6
    return took


def move(dsn: str, requests: int) -> None:
    """Change the state of all requests, some hundred in a transaction, once for each state."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for state in STATES:
            for first in range(0, requests, SLICE):
                connection.execute(MOVE, [state, first, SLICE])


def waits(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Return whether an event is not taken yet."""
    found = connection.execute(WAITS).fetchone()
    return found is not None and bool(found[0])


def again(process: subprocess.Popen[bytes], command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Kill a process (-9), and start it again."""
    process.kill()
    process.communicate()
    return started(command)


def started(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start a process, and wait until it works: on a busy machine that takes longer than it would live."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    if process.stdout is not None:
        process.stdout.readline()
    return process


def send(url: str) -> None:
    """Send what waits until it is killed, as the job does each minute, without waiting for the minute."""
    with opened(url) as core:
        print("sends", flush=True)
        while True:
            if not send_waiting(core):
                time.sleep(0.05)


def a_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["send", url]:
            send(url)
        case _:
            main()
