"""Accepted requests a second over HTTP, beside what pgbench reaches with the same SQL, in turn on the same database.

Run with ``python benchmarks/http_requests.py``; it starts its own durable PostgreSQL and Valkey and two web processes.
Each request is a new person's: sign-in token, form, limits, register, rules, model, verdict, receipt, and a commit that
is on disk before the answer leaves. pgbench sends the statements that one such request was seen to send, in the same
transactions, with fresh values; its rate is what the database alone would allow.
"""

import argparse
import asyncio
import json
import os
import runpy
import secrets
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy import text as sql

from booking.antifraud.gate.versions import publish_model
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.register import seal_grant, seal_national_number, seal_phone
from booking.country.core.security import Origin
from booking.people.registers.synthetic import grant_of
from booking.platform.models import Account, HouseholdMember, Message, Person, Request, Verdict
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.wish import Wish
from fraud import train

REPLAYED = Path(__file__).parent / "replayed"
PGBENCH, SERVED, PROCESSOR = (
    runpy.run_path(str(REPLAYED / name)) for name in ("pgbench.py", "served.py", "processor.py")
)
used = PROCESSOR["total"]
opened, site, over_http, status_of = (SERVED[name] for name in ("opened", "site", "over_http", "status_of"))
CLIENTS, PORT, PROCESSES, SECRET = (SERVED[name] for name in ("CLIENTS", "PORT", "PROCESSES", "SECRET"))
BANDS = ["morning", "midday", "afternoon"]
COLUMNS = {
    "account": "uuid",
    "person": "uuid",
    "member": "int",
    "phone": "bytea",
    "request": "uuid",
    "reference": "text",
    "nonce": "bytea",
    "receipt": "bytea",
    "verdict": "uuid",
    "notice": "uuid",
    "key": "text",
}
"""What differs between two requests; everything else pgbench repeats as it was recorded."""


@dataclass(frozen=True)
class Citizen:
    """Someone with an account and themselves in its household."""

    account: UUID
    person: UUID
    member: int
    phone: bytes


def numbers(core: Core, first: int = 0) -> Iterator[str]:
    """Yield national numbers of people whose passport ends soon; with another ``first``, of others."""
    today = core.clock.now().date()
    for number in range(first, 10**8):
        text = f"{1 + number % 14:02}{number:09}"
        record = core.register.made_of(text)
        if record and not record.application_pending and 0 <= record.passport_days_left(today) <= 60:
            yield text


def settle(core: Core, count: int, *, first: int = 1, after: int = 0) -> list[Citizen]:
    """Write citizens whose accounts are a month old; the first is this member, and numbers come after that one."""
    before = core.clock.now() - timedelta(days=30)
    citizens, rows = [], {Account: [], Person: [], HouseholdMember: []}
    for member, number in enumerate(islice(numbers(core, after), count), first):
        phone, sealed = seal_phone(core.vault, f"+9639{member:08}"), seal_national_number(core.vault, number)
        one = Citizen(uuid4(), uuid4(), member, phone.hash)
        citizens.append(one)
        rows[Account].append(
            {
                "id": one.account,
                "username": f"citizen{member}",
                "password_hash": "none",
                "phone_ciphertext": phone.ciphertext,
                "phone_hash": phone.hash,
                "phone_confirmed_at": before,
                "language": "ar",
                "door": Door.HOME,
                "roles": ["citizen"],
                "registered_helper": False,
                "created_at": before,
            }
        )
        rows[Person].append(
            {
                "id": one.person,
                "national_number_ciphertext": sealed.ciphertext,
                "national_number_hash": sealed.hash,
                "birth_date": date(1990, 5, 17),
                "created_at": before,
            }
        )
        rows[HouseholdMember].append(
            {
                "id": member,
                "account_id": one.account,
                "person_id": one.person,
                "name": "أمل المتخيَّلة",
                "relation": "self",
                "created_at": before,
                "level": IdentityLevel.PROVEN,
                "proved_by": ProofKind.CARD,
                "proved_at": before,
                "grant_ciphertext": seal_grant(core.vault, member, grant_of(number)),
            }
        )
    with core.sessions.begin() as session:
        for model, values in rows.items():
            session.execute(insert(model), values)
    return citizens


def calls(core: Core, citizens: Sequence[Citizen]) -> list[bytes]:
    """Write the HTTP requests of citizens who ask, each signed in and from a network of its own."""
    return [call(one, a_token(core, one), network(one)) for one in citizens]


def a_token(core: Core, one: Citizen) -> str:
    """Return the token of a session that a citizen begins."""
    token, _ = sessions.create(core, account_id=one.account, language="ar", door=Door.HOME, roles=("citizen",))
    return token


def call(one: Citizen, token: str, address: str) -> bytes:
    """Write the HTTP request of a citizen who asks, with a key of its own."""
    wish = {"service": "passport-renewal", "people": [one.member], "offices": ["damascus", "homs"], "bands": BANDS}
    body = json.dumps(wish).encode()
    head = (
        f"POST /api/v1/requests HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Idempotency-Key: {secrets.token_hex(8)}\r\nContent-Type: application/json\r\n"
        f"X-Forwarded-For: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def network(one: Citizen) -> str:
    """Return an address of the citizen's own /24."""
    return f"10.{one.member >> 8 & 255}.{one.member & 255}.7"


def pgbench_script(core: Core, one: Citizen) -> str:
    """Let ``one`` ask, and write what the database saw as a script whose variables are ``COLUMNS``."""
    wish = Wish("passport-renewal", (one.member,), ("damascus", "homs"), frozenset(BANDS), Door.HOME)
    with PGBENCH["recorded"](core) as statements:
        asked = ask(core, account_id=one.account, wish=wish, origin=Origin(network(one), ""), idempotency_key="bench")
    assert asked.decision == "accept", asked
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        verdict = session.scalars(select(Verdict.id).where(Verdict.request_id == request.id)).one()
        notice = session.scalars(select(Message.id).where(Message.account_id == one.account)).one()
    written = request.id, request.reference, request.nonce, request.receipt, verdict, notice, "bench"
    values = [one.account, one.person, one.member, one.phone, *written]
    return PGBENCH["script"](statements, dict(zip(values, COLUMNS, strict=True)))


def coming(citizens: Sequence[Citizen]) -> Iterator[tuple[object, ...]]:
    """Yield the values of the requests to come, as ``COLUMNS`` names them."""
    for number, one in enumerate(citizens, 1):
        unique = (uuid4(), f"B{number:08}", secrets.token_bytes(16), secrets.token_bytes(32), uuid4(), uuid4())
        yield (one.account, one.person, one.member, one.phone, *unique, f"bench-{number}")


def line(name: str, rate: float, latencies: list[float], milliseconds: float, ratio: float | None = None) -> str:
    """Write a row of the table."""
    cuts = [f"{cut * 1e3:.0f} ms" for cut in statistics.quantiles(latencies, n=100)]
    share = "" if ratio is None else f"{ratio:.2f}"
    return f"| {name} | {rate:,.0f} | {share} | {cuts[49]} | {cuts[98]} | {milliseconds:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=1_600, help="of each kind, a round")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="connections; pgbench: at most 64")
    options = parser.parse_args()
    each, rounds, clients = options.requests, options.rounds, options.clients
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(opened())
        publish_model(core, artifact=train(seed=7, rows=20_000))
        citizens = settle(core, each * (2 * rounds + 1) + 2)
        pgbench_script(core, citizens.pop())  # the first request of a process reads rules and model
        text = pgbench_script(core, citizens.pop())
        half = each * rounds
        PGBENCH["prepare"](postgres.dsn, COLUMNS, coming(citizens[:half]))
        payloads = calls(core, citizens[half:])
        stack.enter_context(site(postgres.url, valkey.url, folder, {"MAWID_TRUSTED_PROXIES": "127.0.0.1"}))
        asyncio.run(over_http(payloads[-each:], clients=clients))
        with core.sessions.begin() as session:
            session.execute(sql("ANALYZE"))  # or a table that was empty is read from its beginning
        print(f"{clients} clients, {PROCESSES} web processes, {text.count(chr(10)) - 1} statements a request,")
        print(f"{core.clock.now().astimezone(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared by all of it\n")
        print("| | a second | of pgbench | p50 | p99 | processor, ms |\n|---|---:|---:|---:|---:|---:|")
        refused: Counter[str] = Counter()
        for number in range(rounds):
            before = used()
            alone, waits = PGBENCH["run"](postgres.dsn, text, folder, count=each, clients=min(clients, 64))
            between = used()
            rate, latencies, answers = asyncio.run(over_http(payloads[number * each :][:each], clients=clients))
            print(line("pgbench, the same SQL", alone, waits, 1e3 * (between - before) / each))
            print(line("requests over HTTP", rate, latencies, 1e3 * (used() - between) / each, rate / alone))
            refused.update({status.decode(): count for status, count in answers.items() if status != b"201"})
        with core.sessions() as session:
            decided = Counter(session.scalars(select(Verdict.decision)))
        print(f"\nverdicts: {dict(decided)}; not accepted over HTTP, by status: {dict(refused) or 'none'}")


if __name__ == "__main__":
    main()
