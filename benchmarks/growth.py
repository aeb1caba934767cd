"""How reading and asking grow with the requests that are kept: the same calls before and after, with their plans.

Usage: ``python -m benchmarks.growth FOLDER [TIMES …]`` on a folder that ``nation.py`` filled. For each number it copies
the nation's requests, their people, offices, verdicts, notices and appointments so many times, as requests that are
over, until so many are kept in all; five of each account. Then it measures the milliseconds of the whole call (best
third) and the blocks that its statements touch, and names every statement that reads a large table from end to end.
"""

import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from itertools import cycle
from math import log
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from pydantic import SecretStr
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from benchmarks.http_requests import BANDS, Citizen, network, settle
from benchmarks.nation import SECRET
from booking.antifraud.gate.versions import publish_default_rules, publish_model
from booking.country.catalogue.views import list_draws
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.country.core.security import Origin
from booking.desk.inbox.views import look_into
from booking.opening import open_core
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import HouseholdMember, Request, RequestMember
from booking.platform.models.states import Door
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.asking.histories import Attempt, histories
from booking.scheduling.requests.staff_views import list_cases
from booking.scheduling.requests.views import list_requests, request_view
from booking.scheduling.requests.wish import Wish
from fraud import train

OF_ONE = 5
NATION = """
    CREATE TABLE IF NOT EXISTS nation_request AS SELECT id FROM request;
    CREATE TABLE IF NOT EXISTS nation_message AS SELECT id FROM message;
    CREATE TABLE IF NOT EXISTS nation_member AS SELECT id, person_id FROM household_member;
    ANALYZE nation_request, nation_member;
    UPDATE request SET state = 'under_review' WHERE id IN (SELECT id FROM nation_request ORDER BY id LIMIT 200)
"""
CALLS = 60
MEMBER = 90_000_000
"""The number of the first household member who asks: nobody of the nation has one so high."""
LARGE = {"request", "request_member", "request_office", "verdict", "message", "appointment", "account", "person"}
ID, OWNER = (
    "md5(src.{0}::text || n)::uuid",
    "CASE n / 5 WHEN 0 THEN src.{0} ELSE md5(src.{0}::text || 'of' || n / 5)::uuid END",
)
REFERENCE = "{0} || lpad(to_hex((row_number() OVER () + {1})::bigint), 8, '0')"
COPIES: Mapping[str, Mapping[str, str]] = {
    "request": {
        "id": ID.format("id"),
        "account_id": OWNER.format("account_id"),
        "reference": REFERENCE.format("'R'", "{kept}"),
        "receipt": "sha256(src.receipt || convert_to(n::text, 'UTF8'))",
        "state": "CASE src.state WHEN 'drawn' THEN 'completed' ELSE 'lapsed' END",
        "created_at": "src.created_at - n * interval '20 days'",
        "decided_at": "src.decided_at - n * interval '20 days'",
        "phone_hash": "sha256(src.phone_hash || convert_to((n / 5)::text, 'UTF8'))",
        "device_hash": "sha256(src.device_hash || convert_to((n / 5)::text, 'UTF8'))",
        "network_hash": "sha256(src.network_hash || convert_to(n::text, 'UTF8'))",
    },
    "request_member": {
        "request_id": ID.format("request_id"),
        "person_id": OWNER.format("person_id"),
        "live": "false",
    },
    "request_office": {"request_id": ID.format("request_id")},
    "verdict": {
        "id": ID.format("id"),
        "request_id": ID.format("request_id"),
        "decided_at": "src.decided_at - n * interval '20 days'",
    },
    "message": {"id": ID.format("id"), "account_id": OWNER.format("account_id"), "state": "'sent'", "sent_at": "now()"},
    "appointment": {
        "id": ID.format("id"),
        "request_id": ID.format("request_id"),
        "reference": REFERENCE.format("'A'", "{kept}"),
        "state": "'served'",
        "starts_at": "src.starts_at - n * interval '20 days'",
        "ends_at": "src.ends_at - n * interval '20 days'",
        "confirm_by": "src.confirm_by - n * interval '20 days'",
        "created_at": "src.created_at - n * interval '20 days'",
    },
}
PEOPLE: Mapping[str, Mapping[str, str]] = {
    "account": {
        "id": OWNER.format("id"),
        "username": "src.username || '-' || n",
        "phone_hash": "sha256(src.phone_hash || convert_to((n / 5)::text, 'UTF8'))",
    },
    "person": {
        "id": OWNER.format("id"),
        "national_number_hash": "sha256(src.national_number_hash || convert_to(n::text, 'UTF8'))",
    },
    "household_member": {
        "id": "nextval(pg_get_serial_sequence('household_member', 'id'))",
        "account_id": OWNER.format("account_id"),
        "person_id": OWNER.format("person_id"),
    },
}
OF_NATION: Mapping[str, str] = {
    "request": "EXISTS (SELECT FROM nation_request WHERE id = src.id)",
    "verdict": "EXISTS (SELECT FROM nation_request WHERE id = src.request_id)",
    "request_member": "src.live",
    "request_office": "EXISTS (SELECT FROM nation_request WHERE id = src.request_id)",
    "message": "EXISTS (SELECT FROM nation_message WHERE id = src.id)",
    "appointment": "EXISTS (SELECT FROM nation_request WHERE id = src.request_id)",
    "account": "src.username !~ '-[0-9]+$'",
    "household_member": "EXISTS (SELECT FROM nation_member WHERE id = src.id)",
    "person": "EXISTS (SELECT FROM nation_member WHERE person_id = src.id)",
}
"""Which rows are the nation's own, where a copy can be told from them."""


UNREADY = "UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid = %s::regclass"
"""What is then written is in no index of the table until each is built anew, which also checks that it is unique."""


class Took(NamedTuple):
    """Milliseconds of a call, and the blocks that its statements touch, which hang on no other work."""

    milliseconds: float
    blocks: int


def main() -> None:
    """Print a table, and the plans that are wrong."""
    folder, targets = Path(sys.argv[1]), [int(one) for one in sys.argv[2:]]
    settings = Settings(_env_file=None, secret_key=SecretStr(SECRET))
    found: list[tuple[int, dict[str, Took]]] = []
    with EmbeddedPostgres(folder) as server, EmbeddedValkey(folder / "valkey") as valkey:
        migrate(server.url)
        with psycopg.connect(server.dsn) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(NATION)
        have = 0
        for times in [0, *targets]:
            began = time.perf_counter()
            if times > have:
                grow(server.dsn, have + 1, times)
                have = times
            with open_core(settings, database_url=server.url, redis_url=valkey.url) as core:
                if times == 0:
                    publish_default_rules(core)
                    publish_model(core, artifact=train(seed=7, rows=20_000))
                kept, took = measure(core)
            print(f"{kept:>12,} kept (grown in {time.perf_counter() - began:.0f} s)", flush=True)
            found.append((kept, took))
    first, last = found[0], found[-1]
    for name in first[1]:
        row = " ".join(f"{took[name].milliseconds:8.2f} ({took[name].blocks:6,})" for _, took in found)
        share = last[1][name].blocks / max(first[1][name].blocks, 1)
        grows = log(share) / log(last[0] / first[0]) if last[0] > first[0] else 0
        print(f"{name:<28}{row}   blocks {share:5.2f} x, exponent {grows:5.2f}")


def grow(dsn: str, first: int, last: int) -> None:
    """Copy the nation's requests so many times, its accounts once in five, and build the indexes when all is there."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # what the triggers would check holds
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '1GB'")
        accounts = [one for one in range(first, last + 1) if one % OF_ONE == 0]
        for tables, copies in ((PEOPLE, accounts), (COPIES, list(range(first, last + 1)))):
            for table, changed in tables.items():
                connection.execute(UNREADY, [table])
                copy(connection, table, changed, copies)
                connection.execute(f"REINDEX TABLE {table}")
        connection.execute("VACUUM ANALYZE")


def copy(connection: psycopg.Connection, table: str, changed: Mapping[str, str], copies: list[int]) -> None:
    """Copy a table's own rows so many times, some columns changed."""
    (kept,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)  # noqa: S608 - tables of this file
    columns = [
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
    ]
    values = [changed.get(name, f'src."{name}"').replace("{kept}", str(kept)) for name in columns]
    of_nation = OF_NATION.get(table, "true")
    names = ", ".join(f'"{name}"' for name in columns)
    made = f"SELECT {', '.join(values)} FROM {table} src CROSS JOIN unnest(%s::int[]) n WHERE {of_nation}"  # noqa: S608
    connection.execute(f"INSERT INTO {table} ({names}) {made}", [copies])


def measure(core: Core) -> tuple[int, dict[str, Took]]:
    """Return how many requests are kept, and the milliseconds of each call."""
    with core.sessions() as session:
        member = session.scalar(select(func.greatest(func.max(HouseholdMember.id) + 1, MEMBER))) or MEMBER
        kept = session.scalar(select(func.count()).select_from(Request)) or 0
    citizens = iter(settle(core, CALLS + 1, first=member, after=kept))
    with core.sessions() as session:
        rows = session.execute(
            text("SELECT id, account_id, reference FROM request NATURAL JOIN nation_request LIMIT 400")
        ).all()
        officer = session.scalar(text("SELECT min(id::text)::uuid FROM account"))
        attempts = [attempt_of(session, row.id) for row in rows[:64]]
    own = cycle(rows)
    calls: dict[str, Callable[[], object]] = {
        "a request's page": lambda: request_view(core, (one := next(own)).account_id, one.reference),
        "all requests of one (/me)": lambda: list_requests(core, next(own).account_id),
        "asking, with all it writes": lambda: ask_for(core, next(citizens)),
        "history of 64 who ask": lambda: read_histories(core, attempts),
        "the desk's queue, 200": lambda: list_cases(core),
        "an officer's inbox": lambda: look_into(core, account_id=officer or UUID(int=0)),
        "the list of draws": lambda: list_draws(core),
    }
    return kept, {name: best(core, name, call) for name, call in calls.items()}


def attempt_of(session: Session, request_id: UUID) -> Attempt:
    """Return what would be counted if whoever asked for this asked again."""
    request = session.get_one(Request, request_id)
    people = session.scalars(select(RequestMember.person_id).where(RequestMember.request_id == request_id)).all()
    return Attempt(request.account_id, request.device_hash, request.network_hash, [request.phone_hash], people)


def ask_for(core: Core, one: Citizen) -> None:
    """Ask as one who never asked before."""
    wish = Wish("passport-renewal", (one.member,), ("damascus", "homs"), frozenset(BANDS), Door.HOME)
    ask(core, account_id=one.account, wish=wish, origin=Origin(network(one), ""))


def read_histories(core: Core, attempts: list[Attempt]) -> None:
    """Count the histories of a batch, as asking does."""
    with core.sessions() as session:
        histories(session, attempts, core.clock.now())


def best(core: Core, name: str, call: Callable[[], object]) -> Took:
    """Measure a call: the middle of its best third, as other work on the machine is in the rest; and its plans."""
    engine, seen = core.sessions.kw["bind"], dict[str, Any]()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        seen[statement] = values

    event.listen(engine, "before_cursor_execute", note)
    call()
    event.remove(engine, "before_cursor_execute", note)
    blocks = 0
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        for statement, values in seen.items():
            if not statement.lstrip().startswith(("SELECT", "WITH")) or "INSERT" in statement:
                continue  # what writes would write again
            ((said,),) = raw.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values).fetchall()
            plan = said[0]["Plan"]
            blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            for table in set(re.findall(r"'Seq Scan'.*?'Relation Name': '(\w+)'", str(plan))) & LARGE:
                print(f"    {name} reads {table} from end to end: {' '.join(statement.split())[:150]}")
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return Took(statistics.median(sorted(took)[: CALLS // 3]), blocks)


if __name__ == "__main__":
    main()
