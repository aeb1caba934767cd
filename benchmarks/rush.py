"""A rush with everything that goes wrong in one: nothing is oversold, nothing lost, nothing twice.

Run with ``./run bench rush [--people 4000] [--places 300]``. It starts its own durable PostgreSQL and Valkey and two
web processes. Everybody asks over HTTP, 64 at a time and as fast as answers come, while PostgreSQL is killed and
started again in the middle; every tenth client vanishes before the answer. Who has no answer, or one that says to come
back, sends the same call with the same key until it is answered. Then as many as there are people hold one of a few
places at once, in the same way, and one person asks from two hundred devices, which share as many sessions as an
account may have. At the end the database is counted, and nothing may have broken with a 500.
"""

import argparse
import asyncio
import json
import os
import random
import re
import runpy
import secrets
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import uvloop
from sqlalchemy import func, insert, select

from booking.antifraud.gate.versions import publish_model
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.platform.embedded import EmbeddedPostgres
from booking.platform.models import Appointment, AppointmentPlaces, Office, Request, RequestMember, Slot, SlotPool
from booking.platform.models.states import Door, Pool
from fraud import train

HTTP = runpy.run_path(str(Path(__file__).with_name("http_requests.py")))
CLIENTS = 64
DEVICES = 200
VANISH = 0.1
AGAIN = frozenset({500, 503})
PATIENCE = 30.0
WAS_UNDER_WAY = 0.2
"""Seconds in which answers still come that were kept before a server was killed."""


@dataclass
class Rush:
    """What everybody was told: the answer that counts for each call, and all that were not answers."""

    references: dict[int, set[str]] = field(default_factory=dict)
    final: Counter[int] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    killed_at: list[float] = field(default_factory=list)

    @property
    def still(self) -> list[float]:
        """Return for how many seconds nobody was answered after each time that PostgreSQL was killed."""
        return [
            min(one for one in self.answered_at if one > killed + WAS_UNDER_WAY) - killed for killed in self.killed_at
        ]

    async def until_answered(self, number: int, payload: bytes, chance: random.Random, line: "Line") -> None:
        """Send a call, with its key, until it has an answer that is one."""
        began, vanishes = time.perf_counter(), chance.random() < VANISH
        while True:
            try:
                status, body = await asyncio.wait_for(line.call(payload, vanishes=vanishes), PATIENCE)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                line.hang_up()
                self.again[type(error).__name__] += 1
                await asyncio.sleep(0.05)
                continue
            if vanishes:
                self.again["vanished"] += 1
                vanishes = False
                continue
            if status not in AGAIN:
                break
            self.again[str(status)] += 1
            await asyncio.sleep(chance.uniform(0.1, 0.5))
        self.final[status] += 1
        self.took.append(time.perf_counter() - began)
        self.answered_at.append(time.perf_counter())
        if status == 201:
            self.references.setdefault(number, set()).add(json.loads(body)["reference"])


class Line:
    """A connection of one client, open until it hangs up or the server does."""

    def __init__(self) -> None:
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, payload: bytes, *, vanishes: bool) -> tuple[int, bytes]:
        """Send a call and return its status and body; 0 for who hangs up before the answer."""
        self._open = self._open or await asyncio.open_connection("127.0.0.1", HTTP["PORT"])
        reader, writer = self._open
        writer.write(payload)
        await writer.drain()
        if vanishes:
            await asyncio.sleep(0.002)
            self.hang_up()
            return 0, b""
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        return int(head[9:12]), await reader.readexactly(int(length[1]) if length else 0)

    def hang_up(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._open is not None:
            self._open[1].close()
        self._open = None


async def rush(payloads: Sequence[bytes], kill: EmbeddedPostgres | None = None, clients: int = CLIENTS) -> Rush:
    """Let everybody call; after a third and two thirds of the answers ``kill`` is killed, and started again."""
    told, chance, waiting = Rush(), random.Random(5), iter(enumerate(payloads))  # noqa: S311 - no secret

    async def client() -> None:
        line = Line()
        for number, payload in waiting:
            await told.until_answered(number, payload, chance, line)
        line.hang_up()

    async def break_it(server: EmbeddedPostgres) -> None:
        for part in (1 / 3, 2 / 3):
            while len(told.took) < part * len(payloads):  # noqa: ASYNC110 - the clients go on meanwhile
                await asyncio.sleep(0.01)
            os.kill(server.process_id, signal.SIGKILL)  # it is started again by itself
            told.killed_at.append(time.perf_counter())

    breaking = [asyncio.create_task(break_it(kill))] if kill else []
    await asyncio.gather(*(client() for _ in range(clients)), *breaking)
    return told


def holds(core: Core, citizens: Sequence[object], slots: Sequence[int]) -> Iterator[bytes]:
    """Yield the call of each citizen who books one of a few places at once."""
    for number, one in enumerate(citizens):
        token, _ = sessions.create(core, account_id=one.account, language="ar", door=Door.HOME, roles=("citizen",))
        body = json.dumps(
            {"slot": slots[number % len(slots)], "service": "passport-renewal", "people": [one.member]}
        ).encode()
        head = (
            f"POST /api/v1/holds HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {secrets.token_hex(8)}\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-For: {HTTP['network'](one)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def of_one_person(core: Core, one: object) -> Iterator[bytes]:
    """Yield a call from each of many devices, in networks of their own; one session more would end an older one."""
    tokens = [HTTP["a_token"](core, one) for _ in range(core.settings.sessions_at_most)]
    for number in range(DEVICES):
        yield HTTP["call"](one, tokens[number % len(tokens)], f"172.16.{number}.7")


def make_slots(core: Core, places: int) -> list[int]:
    """Make three slots with so many places in all."""
    starts_at = core.clock.now() + timedelta(days=5)
    with core.sessions.begin() as session:
        office = session.scalars(select(Office.id).where(Office.code == "damascus")).one()
        made = []
        for number in range(3):
            start = starts_at + timedelta(hours=number)
            row = {"office_id": office, "local_day": start.date(), "band": "morning", "starts_at": start}
            row |= {"ends_at": start + timedelta(minutes=30), "counters": 8}
            made.append(session.scalars(insert(Slot).values(row).returning(Slot.id)).one())
        pools = [{"slot_id": one, "pool": Pool.INSTANT, "places": places // 3, "taken": 0} for one in made]
        session.execute(insert(SlotPool), pools)
    return made


def report(name: str, told: Rush) -> None:
    """Print what everybody was told."""
    first = min(told.answered_at)
    seconds = max(told.answered_at) - first or 1.0
    most = max(Counter(int(one - first) for one in told.answered_at).values())
    cuts = statistics.quantiles(told.took, n=100)
    print(f"\n**{name}**: {len(told.took) / seconds:.0f} answers a second, {most} in the fullest one;", end=" ")
    print(f"p50 {cuts[49] * 1e3:.0f} ms, p99", end=" ")
    print(f"{cuts[98] * 1e3:.0f} ms; {dict(told.final)}; sent again: {dict(told.again) or 'none'}", flush=True)
    if told.killed_at:
        still = told.still
        print(
            f"nobody was answered for {', '.join(f'{one:.1f}' for one in still)} s after PostgreSQL was killed;",
            end=" ",
        )
        print(f"in the rest {len(told.took) / (seconds - sum(still)):.0f} answers a second", flush=True)
    assert all(len(one) == 1 for one in told.references.values()), "a key was answered with two references"


def count_requests(core: Core, told: Rush) -> None:
    """Compare what was acknowledged with what is kept, and each person's requests."""
    acknowledged = {reference for one in told.references.values() for reference in one}
    with core.sessions() as session:
        kept = set(session.scalars(select(Request.reference)))
        people = select(func.count()).select_from(RequestMember).group_by(RequestMember.person_id)
        twice = sum(1 for count in session.scalars(people) if count > 1)
    lost, unasked = len(acknowledged - kept), len(kept - acknowledged)
    print(
        f"requests: {len(acknowledged)} acknowledged, {lost} lost, {unasked} kept that nobody heard of, {twice} twice"
    )
    assert not lost
    assert not unasked
    assert not twice


def count_places(core: Core, told: Rush, slots: Sequence[int]) -> None:
    """Compare what was acknowledged with the places that are taken."""
    acknowledged = {reference for one in told.references.values() for reference in one}
    with core.sessions() as session:
        pools = session.execute(select(SlotPool.places, SlotPool.taken).where(SlotPool.slot_id.in_(slots))).all()
        held = session.scalar(select(func.sum(AppointmentPlaces.places)).where(AppointmentPlaces.slot_id.in_(slots)))
        kept = set(session.scalars(select(Appointment.reference)))
    oversold, taken = sum(max(0, taken - places) for places, taken in pools), sum(taken for _, taken in pools)
    print(
        f"places: {sum(places for places, _ in pools)}, {taken} taken, {held} held, {len(acknowledged)} acknowledged,"
    )
    print(f"{oversold} oversold, {len(acknowledged - kept)} lost")
    assert not oversold
    assert taken == held == len(acknowledged)
    assert acknowledged <= kept


def main() -> None:
    """Print what happened, and fail where anything was lost, sold or given twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=4_000)
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(HTTP["opened"]())
        publish_model(core, artifact=train(seed=7, rows=20_000))
        one, *citizens = HTTP["settle"](core, 2 * options.people + 1)
        asking = HTTP["calls"](core, citizens[: options.people])
        devices = list(of_one_person(core, one))
        slots = make_slots(core, options.places)
        booking = list(holds(core, citizens[options.people :], slots))
        trusting = {"MAWID_TRUSTED_PROXIES": "127.0.0.1"}
        broken = stack.enter_context(HTTP["site"](postgres.url, valkey.url, folder, trusting))
        print(f"{options.clients} clients, {HTTP['PROCESSES']} web processes, {os.cpu_count()} cores for everything,")
        print(f"{core.clock.now():%Y-%m-%d}, load of the machine before: {os.getloadavg()[0]:.1f}")
        asked = uvloop.run(rush(asking, kill=postgres, clients=options.clients))
        report(f"{options.people} people ask, PostgreSQL killed twice", asked)
        count_requests(core, asked)
        held = uvloop.run(rush(booking, clients=options.clients))
        report(f"{options.people} people book {options.places} places at once", held)
        count_places(core, held, slots)
        same = uvloop.run(rush(devices, clients=DEVICES))
        report(f"one person asks from {DEVICES} devices", same)
        assert len({reference for each in same.references.values() for reference in each}) == 1
        told = [one.again["500"] for one in (asked, held, same)]
        assert not any(told), (told, [(one[-500:], count) for one, count in broken.items()])


if __name__ == "__main__":
    main()
