"""The whole draw on the Syrian pack's offices and slots: seconds of each step, and how good the plan is.

Usage: python -P benchmarks/draw.py [REQUESTS ...]   (10000 by default). It starts its own PostgreSQL, fully durable.
Requests are written as rows: what is measured begins at the closing. `cpu s` is processor time of this process in the
three steps together, which waits for nobody; the database's is not in it.
"""

import random
import resource
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import insert, select, text

from booking.base.clock import SettableClock
from booking.base.references import new_reference
from booking.base.settings import Settings
from booking.catalogue.load import load_catalogue, make_slots
from booking.core.core import Core
from booking.core.schema import migrate
from booking.draws import draw as draws
from booking.draws.verification import verify_files
from booking.embedded import EmbeddedPostgres
from booking.models import Account, Office, Person, Request, RequestMember, RequestOffice, Service
from booking.models.states import Door, RequestState
from booking.opening import open_core
from booking.requests.receipt import WishRow, receipt_of

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
FIRST_DAY = date(2026, 11, 8)
HORIZON_DAYS = 14
PARTIES = [1] * 70 + [2] * 12 + [3] * 8 + [4] * 5 + [5] * 3 + [6] * 2
BANDS = ("afternoon", "midday", "morning")
BATCH = 5000
HEADER = (
    f"{'requests':>9} {'close s':>8} {'run s':>7} {'publish s':>9} {'cpu s':>6} {'verify s':>8} {'peak MB':>8}"
    f" {'served':>7} {'gap':>9} {'first':>6}  verified"
)


def main() -> None:
    """Print one table."""
    print(HEADER)
    for number in [int(word) for word in sys.argv[1:]] or [10_000]:
        with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
            migrate(server.url)
            settings = Settings(_env_file=None, secret_key=SecretStr("a secret for the benchmark, long enough"))
            clock = SettableClock(NOW)
            with open_core(settings, database_url=server.url, redis_url="unix:///nowhere", clock=clock) as core:
                load_catalogue(core, pack=core.pack)
                make_slots(core, pack=core.pack, first=FIRST_DAY, last=FIRST_DAY + timedelta(days=HORIZON_DAYS - 1))
                ask(core, number, random.Random(number))  # noqa: S311 - a benchmark, not a lottery
                print(row(core, clock, number), flush=True)


def row(core: Core, clock: SettableClock, number: int) -> str:
    """Measure one draw."""
    draws.announce(
        core,
        reference="d1",
        opens_at=NOW,
        closes_at=NOW + timedelta(hours=1),
        horizon_first=FIRST_DAY,
        horizon_last=FIRST_DAY + timedelta(days=HORIZON_DAYS - 1),
    )
    draws.open_draw(core, "d1")
    clock.advance(timedelta(hours=1))
    seconds, busy = [], process_time()
    for step in (draws.close, draws.run, draws.publish):
        started = perf_counter()
        draw = step(core, "d1")
        seconds.append(perf_counter() - started)
    busy = process_time() - busy
    files = {name: file.content for name, file in draws.files(core, "d1").items()}
    started = perf_counter()
    report = verify_files(files)
    checked = perf_counter() - started
    figures = draw.figures
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{number:9,} {seconds[0]:8.2f} {seconds[1]:7.2f} {seconds[2]:9.2f} {busy:6.1f} {checked:8.2f} {peak:8,}"
        f" {figures['served_requests']:7,} {figures['gap']:9.4%}"
        f" {figures['first_choice'] / max(1, figures['served_requests']):6.1%}"
        f"  {'yes' if report.ok else report.words()}"
    )


def ask(core: Core, number: int, chance: random.Random) -> None:
    """Write requests: offices near in the list, most people alone and patient, a tenth with a deadline."""
    with core.sessions.begin() as session:
        services = session.scalars(select(Service).where(Service.delivery != "online").order_by(Service.position)).all()
        offices = session.scalars(select(Office).order_by(Office.id)).all()
        account = Account(
            username="b",
            password_hash="",
            phone_ciphertext=b"",
            phone_hash=b"",
            language="ar",
            door=Door.HOME,
            roles=[],
            created_at=NOW,
        )
        session.add(account)
    by_door = {door: [office for office in offices if office.door is door] for door in Door}
    for begin in range(0, number, BATCH):
        tables: dict[type, list[dict[str, object]]] = {
            Person: [],
            Request: [],
            RequestOffice: [],
            RequestMember: [],
        }
        for _ in range(min(BATCH, number - begin)):
            one(tables, account.id, chance.choice(services), by_door, chance)
        with core.sessions.begin() as session:
            for model, rows in tables.items():
                session.execute(insert(model), rows)
    with core.sessions.begin() as session:
        session.execute(text("ANALYZE"))


def one(
    tables: dict[type, list[dict[str, object]]],
    account_id: UUID,
    service: Service,
    by_door: dict[Door, list[Office]],
    chance: random.Random,
) -> None:
    """Add the rows of one request."""
    door = Door.HOME if chance.random() < 0.85 else Door.ABROAD
    offices = by_door[door]
    start = min(int(chance.expovariate(3 / len(offices))), len(offices) - 1)
    ranked = [offices[(start + step) % len(offices)] for step in range(chance.choice([1, 2, 3, 3]))]
    party = chance.choice(PARTIES)
    first = FIRST_DAY + timedelta(days=chance.randrange(6))
    last = first + timedelta(days=chance.randrange(3, 20)) if chance.random() < 0.5 else None
    needed = first + timedelta(days=chance.randrange(3, 30)) if chance.random() < 0.1 else None
    bands = tuple(sorted(chance.sample(BANDS, chance.choice([1, 2, 3, 3, 3]))))
    request_id, nonce = UUID(int=chance.getrandbits(128)), chance.randbytes(16)
    wish = WishRow(
        service=service.code,
        party=party,
        units=service.units * party,
        offices=tuple(office.code for office in ranked),
        first_day=first,
        last_day=last,
        weekdays=127,
        bands=bands,
        needed_by=needed,
        accessible=False,
        door=door.value,
        nonce=nonce,
    )
    tables[Request].append(
        {
            "id": request_id,
            "reference": new_reference(),
            "account_id": account_id,
            "service_id": service.id,
            "door": door,
            "state": RequestState.ACCEPTED,
            "party_size": party,
            "units": wish.units,
            "first_day": first,
            "last_day": last,
            "weekdays": 127,
            "bands": ",".join(bands),
            "needed_by": needed,
            "accessible": False,
            "lost_draws": (lost := chance.choice([0, 0, 0, 0, 1, 1, 2])),
            "owed_turns": lost,
            "lasting_draws": lost,
            "reschedules": 0,
            "nonce": nonce,
            "receipt": receipt_of(wish),
            "device_hash": b"",
            "network_hash": b"",
            "phone_hash": b"",
            "created_at": NOW,
        }
    )
    for rank, office in enumerate(ranked):
        tables[RequestOffice].append({"request_id": request_id, "rank": rank, "office_id": office.id})
    for position in range(party):
        person_id = UUID(int=chance.getrandbits(128))
        tables[Person].append(
            {
                "id": person_id,
                "national_number_ciphertext": b"",
                "national_number_hash": person_id.bytes,
                "birth_date": date(1990, 1, 1),
                "created_at": NOW,
            }
        )
        tables[RequestMember].append(
            {
                "request_id": request_id,
                "person_id": person_id,
                "position": position,
                "exclusive_group": service.exclusive_group,
                "units": service.units,
                "live": True,
            }
        )


if __name__ == "__main__":
    main()
