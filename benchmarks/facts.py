"""Counting the past: all history facts of a million requests with numpy, and one request's facts in PostgreSQL.

Run with ``./run bench facts``. The requests are drawn at random: half a million people in 200,000 accounts over ninety
days, some busy networks, one device in every thousand very busy; one in twenty appointments ends before. In PostgreSQL
one person was asked for 200 times, and each place was handed back.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import numpy as np
import pandas as pd
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from booking.country.core.schema import migrate
from booking.platform.embedded import EmbeddedPostgres
from booking.scheduling.requests.asking.histories import Attempt, histories
from fraud.features import window_facts
from fraud.past.history import History
from fraud.past.windows import WINDOWS

REQUESTS, LIVE, ASKS = 1_000_000, 200_000, 400
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
ONE = UUID(int=1)


def main() -> None:
    """Print seconds for the frames and milliseconds for the statement."""
    past = random_history(REQUESTS)
    began = time.process_time()
    counts = window_facts(past)
    seconds = time.process_time() - began
    print(
        f"{len(WINDOWS)} facts of {REQUESTS:,} requests: {seconds:.1f} s, {seconds / REQUESTS * 1e6:.1f} us a request"
    )
    print(f"largest counts: {counts.max().nlargest(3).to_dict()}")
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "p", durable=False) as server:
        migrate(server.url)
        engine = create_engine(server.url)
        with Session(engine) as session:
            fill(session)
            lent = session.execute(
                text("SELECT person_id FROM request_member m JOIN outcome USING (request_id) LIMIT 1")
            )
            again_and_again = lent.scalar_one()
            for words, device, network, person in (
                ("a new device on a quiet network", b"new", b"quiet", ONE),
                ("a device with 20,000 requests on a network with 100,000", b"busy", b"mobile", ONE),
                ("a new device, for a person who handed 200 places back", b"new", b"quiet", again_and_again),
            ):
                spent = [ask(session, device, network, person) for _ in range(ASKS)][ASKS // 4 :]
                print(f"{words}: p50 {median(spent):.2f} ms, p99 {quantiles(spent, n=100)[98]:.2f} ms")
        engine.dispose()


def random_history(n: int) -> History:
    """Draw a history of n requests."""
    draw = np.random.default_rng(1)
    account = draw.integers(0, n // 5, n)
    device = np.where(draw.random(n) < 0.05, draw.integers(0, 50, n), 1_000 + account)
    at = np.datetime64("2026-08-01", "us") + draw.integers(0, 90 * 86_400 * 1_000_000, n).astype("timedelta64[us]")
    requests = pd.DataFrame(
        {
            "request": np.arange(n),
            "at": pd.DatetimeIndex(at).tz_localize("UTC"),
            "account": account,
            "device": device,
            "network": draw.zipf(1.3, n) % 20_000,
            "phone": account // 2,
        }
    )
    members = np.repeat(np.arange(n), draw.integers(1, 4, n))
    people = pd.DataFrame({"request": members, "person": (account[members] * 3 + draw.integers(0, 3, len(members)))})
    ended = np.flatnonzero(draw.random(n) < 0.05)
    outcomes = pd.DataFrame(
        {
            "request": ended,
            "at": requests["at"].to_numpy()[ended] + pd.Timedelta(days=3),
            "kind": draw.choice(["cancelled", "lapsed", "no_show", "served"], len(ended)),
        }
    )
    outcomes["at"] = pd.to_datetime(outcomes["at"], utc=True)
    return History.of(requests, people, outcomes)


def fill(session: Session) -> None:
    """Write ``LIVE`` requests of one account; a tenth is from one device, half from one network."""
    for statement in (
        """
        INSERT INTO account (id, username, password_hash, phone_ciphertext, phone_hash, language, door, roles,
            registered_helper, created_at)
        VALUES (:one, 'bench', '', '', '7', 'ar', 'home', '{}', false, now())
        """,
        """
        INSERT INTO person SELECT gen_random_uuid(), '', n::text::bytea, '1990-05-17', now()
        FROM generate_series(1, 1000) n
        """,
        "ALTER TABLE request DISABLE TRIGGER ALL",
        """
        INSERT INTO request (id, reference, account_id, service_id, door, state, party_size, units, first_day, weekdays,
            bands, accessible, lost_draws, reschedules, nonce, receipt, device_hash, network_hash, phone_hash,
            created_at)
        SELECT gen_random_uuid(), n::text, gen_random_uuid(), 1, 'home', 'withdrawn', 1, 1, '2026-11-01', 127,
            'morning', false, 0, 0, '', n::text::bytea, CASE WHEN n % 10 = 0 THEN 'busy' ELSE n::text END::bytea,
            CASE WHEN n % 2 = 0 THEN 'mobile' ELSE n::text END::bytea, (n % 50000)::text::bytea,
            CAST(:until AS timestamptz) - make_interval(secs => n * 12) FROM generate_series(1, :live) n
        """,
        """
        INSERT INTO request_member SELECT r.id, p.id, 0, 'g', 1, false FROM request r
        JOIN (SELECT id, row_number() OVER () AS n FROM person) p ON p.n = 1 + r.reference::int % 1000
        """,
        "ALTER TABLE appointment DISABLE TRIGGER ALL",
        "ALTER TABLE outcome DISABLE TRIGGER ALL",
        """
        INSERT INTO appointment (id, reference, request_id, office_id, draw_id, state, starts_at, ends_at, confirm_by,
            created_at, ended_at)
        SELECT gen_random_uuid(), 'A' || reference, id, 1, gen_random_uuid(), 'cancelled', created_at, created_at,
            created_at, created_at, created_at + interval '1 minute'
        FROM request WHERE reference::int % 1000 = 7
        """,
        """
        INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
        SELECT a.id, r.id, r.account_id, r.device_hash, r.phone_hash, 'cancelled', a.ended_at
        FROM appointment a JOIN request r ON r.id = a.request_id
        """,
        "ANALYZE",
    ):
        session.execute(text(statement), {"one": ONE, "until": UNTIL, "live": LIVE})
    session.commit()


def ask(session: Session, device: bytes, network: bytes, person: UUID) -> float:
    """Count the facts of one request; return the milliseconds."""
    began = time.perf_counter()
    attempt = Attempt(account=ONE, device=device, network=network, phones=[b"7"], people=[person])
    histories(session, [attempt], UNTIL + timedelta(hours=1))
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
