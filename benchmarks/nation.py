"""Fill a database with a nation that waits: accounts, people, requests with parties, their receipts in the log.

Usage: ``python -P benchmarks/nation.py REQUESTS FOLDER``. The private PostgreSQL in the folder stays there for others
to start (``LargePostgres(folder)``, secret `SECRET`, every account's password `PASSWORD`). Other benchmarks call
`fill` with a core and a database of their own. Phones, national numbers and grants are sealed as the application seals
them; rows are written by few statements and without triggers, since a row at a time a million takes an hour. Stand-ins:
the verdicts' facts, and the hashes of devices and networks. People are those of `fraud.linkage.samples`: three in a
hundred are there twice, under another number.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from pydantic import SecretStr
from typing_extensions import override

from booking.country.catalogue.load import load_catalogue, make_slots
from booking.country.core.core import Core
from booking.country.core.register import seal_grant, seal_national_number, seal_phone
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.people.registers.synthetic import grant_of
from booking.platform.base.references import REFERENCES, reference_of
from booking.platform.base.settings import Settings
from booking.platform.base.vault import Vault
from booking.platform.embedded import EmbeddedPostgres
from booking.scheduling.draws import draw as draws
from booking.transparency.log.log import sequence, size_in
from booking.transparency.log.nodes import fill_tiles
from fraud.linkage.samples import people

SECRET = "the secret of a benchmark, which protects nobody"  # noqa: S105 - nothing real is kept under it
PASSWORD = "a password of a benchmark"  # noqa: S105 - the same
PARTIES = [1] * 70 + [2] * 12 + [3] * 8 + [4] * 5 + [5] * 3 + [6] * 2
SHARE = 0.7
"""Places for so much of what all requests need."""
LEAD = timedelta(days=7)
DAYS = 14
AT_ONCE = 20_000
PROCESSES = 2
SCATTERING = 123_456_789_011
"""Shares no factor with the number of references, so that those of different requests differ: of a million random ones
two are often the same."""
SQL = Path(__file__).with_name("nation")
STAGING = """
    CREATE UNLOGGED TABLE nation_account (n int, party int, reference text, phone_ciphertext bytea, phone_hash bytea);
    CREATE UNLOGGED TABLE nation_person (
        id int, n int, position int, name text, birth_date date, number_ciphertext bytea, number_hash bytea,
        grant_ciphertext bytea
    );
"""
Rows = list[tuple[Any, ...]]
LARGE = {"shared_buffers": "1GB", "max_wal_size": "8GB", "maintenance_work_mem": "256MB"}
"""What the runbook asks of a database of millions: with the small ones of a private server, each page that changes is
written to the log again every half gigabyte."""


class LargePostgres(EmbeddedPostgres):
    """The private PostgreSQL, with the settings of a large one."""

    @override
    def _command(self) -> list[str]:
        """Add them behind, where they count."""
        return [*super()._command(), *(f"--{name}={value}" for name, value in LARGE.items())]


def fill(
    core: Core,
    dsn: str,
    requests: int,
    *,
    share: float = SHARE,
    days: int = DAYS,
    one_office: bool = False,
    says: bool = False,
) -> None:
    """Write the catalogue, slots, and a nation whose requests wait.

    Parameters
    ----------
    dsn
        The database of ``core`` for its superuser.
    share
        Places of the coming ``days``, as a share of what all requests need, or as many as the pack has.
    one_office
        Everybody at home asks for the same office, and everybody abroad for the same consulate.
    says
        Print how long each part takes.
    """
    began, now = time.perf_counter(), core.clock.now()
    first = core.today() + LEAD
    load_catalogue(core, pack=core.pack)
    make_slots(core, pack=core.pack, first=first, last=first + timedelta(days=days - 1))
    values = {"now": now, "first_day": first, "share": share, "password": core.passwords.hash(PASSWORD)}
    values["one_office"] = one_office
    sequence(core)
    with psycopg.connect(dsn, options="-c synchronous_commit=off -c work_mem=256MB") as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers: what they would check holds
        connection.execute(STAGING)
        _seal(core.vault, connection, requests)
        tell(began, "sealed", says=says)
        for name in ("people.sql", "requests.sql"):
            for statement in (SQL / name).read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    connection.execute(statement, values)
            tell(began, name, says=says)
    with core.sessions.begin() as session:
        before = size_in(session) - requests
        fill_tiles(session, before, before + requests)
    sequence(core)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    tell(began, "vacuumed", says=says)


def open_draw(core: Core, reference: str, closes_at: datetime, days: int = DAYS) -> None:
    """Announce and open a draw over the days that `fill` made places for."""
    first = core.today() + LEAD
    draws.announce(
        core,
        reference=reference,
        opens_at=core.clock.now(),
        closes_at=closes_at,
        horizon_first=first,
        horizon_last=first + timedelta(days=days - 1),
    )
    draws.open_draw(core, reference)
    sequence(core)


def tell(began: float, what: str, *, says: bool) -> None:
    """Print the seconds since the beginning."""
    if says:
        print(f"{time.perf_counter() - began:8.1f} s  {what}", flush=True)


def _seal(vault: Vault, connection: psycopg.Connection, requests: int) -> None:
    """Copy accounts and people, sealed by two processes, into the staging tables."""
    parties = np.random.default_rng(requests).choice(PARTIES, requests)
    ends = np.cumsum(parties)
    frame = people(int(ends[-1] * 1.01) + 10, seed=requests).drop_duplicates("national_number")
    for made in _by_processes(requests, lambda begin: _sealed(vault, frame, parties, ends, begin)):
        for table, rows in zip(("nation_account", "nation_person"), made, strict=True):
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _by_processes(requests: int, make: Callable[[int], tuple[Rows, Rows]]) -> Iterator[tuple[Rows, Rows]]:
    """Yield what forked processes make of each run of requests, in no order."""
    context = get_context("fork")
    done = context.Queue(PROCESSES)
    begins = range(0, requests, AT_ONCE)

    def work(own: Sequence[int]) -> None:
        for begin in own:
            done.put(make(begin))

    workers = [context.Process(target=work, args=(begins[one::PROCESSES],)) for one in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for _ in begins:
        yield done.get()
    for worker in workers:
        worker.join()


def _sealed(vault: Vault, frame: Any, parties: Any, ends: Any, begin: int) -> tuple[Rows, Rows]:
    """Return the rows of some accounts and of their people."""
    end = min(begin + AT_ONCE, len(parties))
    first = int(ends[begin] - parties[begin])
    some = frame.iloc[first : int(ends[end - 1])]
    persons = list(zip(some["name"], some["birth_date"].dt.date, some["national_number"], strict=True))
    accounts = [
        (n, int(parties[n]), reference_of(n * SCATTERING % REFERENCES), *_pair(seal_phone(vault, f"+9639{n:08}")))
        for n in range(begin, end)
    ]
    owners = [(n, position) for n in range(begin, end) for position in range(parties[n])]
    return accounts, list(_people(vault, first + 1, owners, persons))


def _people(
    vault: Vault, first: int, owners: Sequence[tuple[int, int]], persons: Sequence[tuple[str, date, str]]
) -> Iterator[tuple[Any, ...]]:
    for member, ((n, position), (name, born, number)) in enumerate(zip(owners, persons, strict=True), first):
        grant = seal_grant(vault, member, grant_of(number))
        yield (member, n, position, name, born, *_pair(seal_national_number(vault, number)), grant)


def _pair(sealed: Any) -> tuple[bytes, bytes]:
    return sealed.ciphertext, sealed.hash


def main() -> None:
    """Fill a database in a folder, with an open draw that closes in an hour."""
    requests, folder = int(sys.argv[1]), Path(sys.argv[2])
    settings = Settings(_env_file=None, secret_key=SecretStr(SECRET))
    with LargePostgres(folder) as server:
        migrate(server.url)
        with open_core(settings, database_url=server.url, redis_url="unix:///nowhere") as core:
            fill(core, server.dsn, requests, says=True)
            open_draw(core, "nation", core.clock.now() + timedelta(hours=1))


if __name__ == "__main__":
    main()
