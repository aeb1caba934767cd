"""The public log: what a receipt adds to asking, how quickly entries are put in order, and what a proof costs.

Usage: python -P benchmarks/log.py [ENTRIES]   (1,000,000 by default). It starts its own PostgreSQL, fully durable.
"""

import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from pydantic import SecretStr
from sqlalchemy import select, text

from booking.country.catalogue.load import load_catalogue
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres
from booking.platform.models import Account, Request, Service
from booking.platform.models.states import Door, RequestState
from booking.transparency.log.audit_heads import root_of_entries_in
from booking.transparency.log.log import sequence
from booking.transparency.log.proofs import consistency, proof_of
from booking.transparency.log.views import bundle, checkpoint_text, tile

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
REQUESTS, PROOFS, FIRST = 5_000, 200, 100_000
AGAIN = """
    EXPLAIN (ANALYZE, FORMAT JSON) INSERT INTO request
    SELECT (jsonb_populate_record(r, jsonb_build_object(
        'id', gen_random_uuid(),
        'reference', upper(substr(md5(random()::text), 1, 9)),
        'receipt', '\\x' || encode(sha256(random()::text::bytea), 'hex')
    ))).* FROM request r, generate_series(1, :number)
"""
WAITING = """
    INSERT INTO log_pending (kind, key, body)
    SELECT 'receipt', hash, convert_to('{"receipt":"' || hash || '","type":"receipt"}', 'UTF8')
    FROM (SELECT encode(sha256(n::text::bytea), 'hex') AS hash FROM generate_series(CAST(:low AS int), :high) n) made
"""


def main() -> None:
    """Print what was measured."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        migrate(server.url)
        settings = Settings(_env_file=None, secret_key=SecretStr("a secret for the benchmark, long enough"))
        with open_core(
            settings, database_url=server.url, redis_url="unix:///nowhere", clock=SettableClock(NOW)
        ) as core:
            load_catalogue(core, pack=core.pack)
            beside_asking(core)
            put_in_order(core, min(entries, FIRST))
            put_in_order(core, max(0, entries - FIRST), begin=FIRST)
            proofs(core, entries)


def beside_asking(core: Core) -> None:
    """Print the database's time for a request's row, and the part of it that the receipt takes."""
    with core.sessions.begin() as session:
        account = Account(username="b", password_hash="", phone_ciphertext=b"", phone_hash=b"", language="ar", roles=[])
        account.door, account.created_at = Door.HOME, NOW
        service = session.scalars(select(Service).limit(1)).one()
        session.add(account)
        session.flush()
        session.add(
            Request(
                reference="A",
                account_id=account.id,
                service_id=service.id,
                door=Door.HOME,
                state=RequestState.ACCEPTED,
                party_size=1,
                units=1,
                first_day=NOW.date(),
                weekdays=127,
                bands="morning",
                accessible=False,
                device_hash=b"",
                network_hash=b"",
                phone_hash=b"",
                created_at=NOW,
                nonce=b"",
                receipt=b"",
            )
        )
        session.flush()
        (made,) = session.execute(text(AGAIN), {"number": REQUESTS}).scalar_one()
    (receipt,) = [one for one in made["Triggers"] if one["Trigger Name"] == "request_receipt"]
    whole, own = made["Execution Time"] / REQUESTS * 1e3, receipt["Time"] / REQUESTS * 1e3
    print(f"a request's row: {whole:.0f} µs in the database, of which its receipt {own:.0f} µs")


def put_in_order(core: Core, number: int, *, begin: int = 0) -> None:
    """Print the seconds of one sequencing."""
    if not number:
        return
    with core.sessions.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text(WAITING), {"low": begin, "high": begin + number - 1})
    began, work = perf_counter(), process_time()
    size = sequence(core).size
    took = perf_counter() - began
    print(
        f"{number:,} entries put in order, {size:,} signed: {took:.1f} s, {took / number * 1e6:.0f} µs each,"
        f" {process_time() - work:.1f} s of it this process"
    )


def proofs(core: Core, entries: int) -> None:
    """Print the milliseconds of each kind of read."""
    keys = random.Random(2).sample(range(entries), PROOFS)  # noqa: S311 - a benchmark
    with core.sessions() as session:
        names = [
            session.scalar(text("SELECT encode(sha256(CAST(:n AS text)::bytea), 'hex')"), {"n": str(n)}) for n in keys
        ]
    size = sequence(core).size
    for what, calls in (
        ("proof of an entry", [lambda name=name: proof_of(core, "receipt", name) for name in names]),
        ("proof that it grew", [lambda old=old: consistency(core, old, size) for old in keys]),
        ("checkpoint", [lambda: checkpoint_text(core)] * PROOFS),
        ("tile of hashes", [lambda: tile(core, "0", "000")] * PROOFS),
        ("bundle of entries", [lambda: bundle(core, "000")] * PROOFS),
    ):
        began, work = perf_counter(), process_time()
        for call in calls:
            call()
        took, own = perf_counter() - began, process_time() - work
        print(f"{what}: {took / PROOFS * 1e3:.2f} ms, {own / PROOFS * 1e3:.2f} ms of it this process")
    began = perf_counter()
    with core.sessions() as session:
        root_of_entries_in(session, size)
    print(f"every entry hashed again (`mawid audit verify --checkpoint`): {perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
