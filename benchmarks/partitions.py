"""What sixteen hash partitions of the tables that grow would bring to asking, reading, removing and VACUUM.

Usage: ``./run bench partitions [ROWS]``: the schema's own tables are copied with all their indexes, once as they are
and once in partitions, filled with the same rows and asked the same. Processor time is that of the server's process of
the connection, blocks are those that its statements touch; both hang less on other work than the clock does.
"""

import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

import psycopg

from booking.country.core.schema import migrate
from booking.platform.embedded import EmbeddedPostgres

PARTS: Final = 16
ROWS: Final = 1_000_000
CALLS: Final = 200


@dataclass(frozen=True)
class Table:
    """One that grows: by what it would be cut, which promises that breaks, how a row is made, asked for and removed.

    ``broken`` are unique indexes without the column by which rows are dealt out: in partitions they can only find.
    ``n`` in ``values`` is the row's number; what is not named has the same value in each row.
    """

    name: str
    key: str
    broken: tuple[str, ...]
    values: dict[str, str]
    asks: dict[str, str]
    old: str


_ID: Final = "md5(n::text)::uuid"
_ONE: Final = "md5((n / 5)::text)::uuid"
_ASKED: Final = "md5('{n}')::uuid"
_OWNER: Final = "md5('{n}'::int / 5 || '')::uuid"
_OLD: Final = "created_at < now() - interval '270 days'"
"""A quarter of all rows, which are spread over a year."""
_AT: Final = "now() - interval '365 days' * ((n * 7919::bigint) % {rows}) / {rows}"
TABLES: Final = (
    Table(
        "request",
        "id",
        ("uq_request_reference", "uq_request_receipt"),
        {
            "id": _ID,
            "reference": "'R' || lpad(to_hex(n), 8, '0')",
            "account_id": _ONE,
            "service_id": "1",
            "door": "'home'",
            "state": "'lapsed'",
            "party_size": "1",
            "units": "1",
            "first_day": "current_date",
            "weekdays": "127",
            "bands": "'morning'",
            "accessible": "false",
            "lost_draws": "0",
            "reschedules": "0",
            "nonce": "decode(md5(n::text), 'hex')",
            "receipt": "sha256(n::text::bytea)",
            "device_hash": "sha256((n / 5)::text::bytea)",
            "network_hash": "sha256((n / 50)::text::bytea)",
            "phone_hash": "sha256((n / 5)::text::bytea)",
            "created_at": _AT,
        },
        {
            "by id": f"id = {_ASKED}",
            "by reference": "reference = 'R' || lpad(to_hex({n}), 8, '0')",
            "of an account": f"account_id = {_OWNER}",
        },
        _OLD,
    ),
    Table(
        "request_member",
        "person_id",
        (),
        {
            "request_id": _ID,
            "person_id": _ONE,
            "position": "0",
            "exclusive_group": "'passport'",
            "units": "1",
            "live": "n % 5 = 0",
        },
        {"of a person": f"person_id = {_OWNER}", "of a request": f"request_id = {_ASKED}"},
        "hashtext(request_id::text) % 4 = 0",
    ),
    Table(
        "message",
        "id",
        (),
        {
            "id": _ID,
            "account_id": _ONE,
            "kind": "'accepted'",
            '"values"': '\'{"reference": "7K2M9D4QX"}\'',
            "state": "'sent'",
            "created_at": _AT,
        },
        {"by id": f"id = {_ASKED}", "of an account": f"account_id = {_OWNER}"},
        _OLD,
    ),
    Table(
        "audit_entry",
        "sequence",
        ("uq_audit_entry_hash",),
        {
            "sequence": "n",
            "at": _AT,
            "actor": "'account:' || n / 5",
            "action": "'appointment.checked_in'",
            "subject": "'appointment:' || n",
            "details": "'{}'",
            "previous": "sha256((n - 1)::text::bytea)",
            "hash": "sha256(n::text::bytea)",
        },
        {"by number": "sequence = {n}", "of a subject": "subject = 'appointment:{n}'"},
        "",
    ),
)


class Took(NamedTuple):
    """What something took: milliseconds on the clock and of the server's processor time, and blocks touched."""

    clock: float
    processor: float
    blocks: float


def main(rows: int) -> None:
    """Print a line for each table and each thing that is done with it."""
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        with EmbeddedPostgres(Path(place) / "postgresql", durable=False) as server:
            migrate(server.url)
            print(f"{rows:,} rows in each table; load {os.getloadavg()[0]:.0f}")
            print(f"{'ms':<38}{'as it is':>36}{f'{PARTS} partitions':>38}")
            print(f"{'':<38}{'clock':>12}{'processor':>12}{'blocks':>12}{'clock':>14}{'processor':>12}{'blocks':>12}")
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute("SET maintenance_work_mem = '256MB'")
                for table in TABLES:
                    whole, parted = (dict(of_one(connection, table, rows, parted=one)) for one in (False, True))
                    for what, took in whole.items():
                        print(f"{table.name:<16}{what:<22}{_shown(took, 12)}{_shown(parted[what], 14)}", flush=True)


def of_one(connection: psycopg.Connection, table: Table, rows: int, *, parted: bool) -> Iterator[tuple[str, Took]]:
    """Make a table's copy, and do with it what a year does; yield what was done with what it took."""
    name = f"{table.name}_{'parted' if parted else 'whole'}"
    make(connection, table, name, parted=parted)
    fill = f"INSERT INTO {name} ({', '.join(table.values)}) SELECT {', '.join(table.values.values())}".replace(
        "{rows}", str(rows)
    )
    yield "filling", took_of(connection, f"{fill} FROM generate_series(1, {rows}) n")
    leaves = [f"{name}_{one}" for one in range(PARTS)] if parted else [name]
    for leaf in leaves:
        connection.execute(f"VACUUM (FREEZE, ANALYZE) {leaf}")
    calls = [f"{fill} FROM (SELECT {rows + one} AS n) s" for one in range(1, CALLS + 1)]
    yield "adding one", middle(connection, calls)
    for what, where in table.asks.items():
        numbers = [1 + one * (rows // CALLS) for one in range(CALLS)]
        yield what, middle(connection, [f"SELECT * FROM {name} WHERE {where.replace('{n}', str(n))}" for n in numbers])  # noqa: S608 - names of this file
    if table.old:
        yield "removing a quarter", took_of(connection, f"DELETE FROM {name} WHERE {table.old}")  # noqa: S608
    cleaned = [took_of(connection, f"VACUUM {leaf}") for leaf in leaves]
    yield "VACUUM", Took(*map(sum, zip(*cleaned, strict=True)))
    yield "the longest of them", max(cleaned)
    connection.execute(f"DROP TABLE {name}")


def make(connection: psycopg.Connection, table: Table, name: str, *, parted: bool) -> None:
    """Make an empty copy with all indexes; in partitions, those that cannot be unique there only find."""
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table.name]
    ).fetchall()
    dealt = f" PARTITION BY HASH ({table.key})" if parted else ""
    connection.execute(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS){dealt}")
    if parted:
        for one in range(PARTS):
            of = f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {one})"
            connection.execute(f"CREATE TABLE {name}_{one} PARTITION OF {name} {of}")
    for index, definition in indexes:
        made = definition.replace(f"public.{table.name} ", f"{name} ").replace(f" {index} ", " ")
        if parted and index in table.broken:
            made = made.replace(" UNIQUE ", " ")
        connection.execute(made)


def middle(connection: psycopg.Connection, calls: list[str]) -> Took:
    """Return the middle of what each call takes on the clock and in blocks, and the mean of processor time."""
    began = _processor(connection)
    blocks, clocks = [], []
    for call in calls:
        before = perf_counter()
        ((plan,),) = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {call}").fetchall()
        clocks.append(1000 * (perf_counter() - before))
        blocks.append(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])
    processor = (_processor(connection) - began) / len(calls)
    return Took(statistics.median(clocks), processor, statistics.median(blocks))


def took_of(connection: psycopg.Connection, statement: str) -> Took:
    """Return what one statement takes."""
    began, read, before = perf_counter(), _processor(connection), _blocks(connection)
    connection.execute(statement)
    return Took(1000 * (perf_counter() - began), _processor(connection) - read, _blocks(connection) - before)


def _processor(connection: psycopg.Connection) -> float:
    """Return the milliseconds of processor time that the connection's own process has had."""
    stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return 1000 * (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _blocks(connection: psycopg.Connection) -> int:
    connection.execute("SELECT pg_stat_force_next_flush()")  # with the end of this statement
    found = connection.execute(
        "SELECT sum(hits + coalesce(reads, 0)) FROM pg_stat_get_backend_io(pg_backend_pid()) WHERE object = 'relation'"
    ).fetchone()
    return int(found[0]) if found and found[0] else 0


def _shown(took: Took, wide: int) -> str:
    return f"{took.clock:>{wide},.2f}{took.processor:>12,.2f}{took.blocks:>12,.0f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
