"""The two servers: whether they answer, are new enough, and keep what they acknowledge."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from booking.operations.backup.restore import OLDEST
from booking.operations.doctor.findings import Finding, Patient, connection_of, fault, warning
from booking.platform.base.outages import in_one_line
from booking.platform.base.settings import Environment
from booking.platform.computing.errors import ClusterLostError
from booking.platform.computing.spread import try_out
from fraud.limiting.redis_client import connect, greetings

OLDEST_VALKEY: Final = 7
PATIENCE: Final = 3.0
"""Seconds for Valkey to answer."""
MOST_AGE: Final = 1_000_000_000
"""Transactions since the oldest row was frozen, of some 2,100,000,000 after which PostgreSQL takes no more."""
LONG: Final = 3600
"""Seconds after which a transaction keeps the database from cleaning up."""
_A_PROCESS: Final = 20
_A_WORKER: Final = 10
_ABOUT: Final = """
    SELECT current_setting('server_version_num')::int / 10000 AS version, pg_is_in_recovery() AS standby,
        current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
        current_setting('full_page_writes') AS full_page_writes,
        current_setting('server_encoding') AS encoding, current_setting('log_error_verbosity') AS log,
        current_setting('max_connections')::int AS connections,
        (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS age,
        (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()) AS longest,
        (SELECT count(*) FROM pg_replication_slots WHERE NOT active) AS slots,
        current_setting('archive_mode') <> 'off'
            AND (SELECT coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL)
                 FROM pg_stat_archiver) AS archive
"""
_KEEPS: Final = ("fsync", "synchronous_commit", "full_page_writes")


def look_at_database(patient: Patient) -> Iterator[Finding]:
    """Find a server that does not answer, is too old, may lose commits, or fills up."""
    try:
        with connection_of(patient.servers.database_url) as connection:
            found = connection.cursor(row_factory=dict_row).execute(_ABOUT).fetchone() or {}
    except psycopg.Error as error:
        words = in_one_line(error) if isinstance(error, psycopg.OperationalError) else str(error).partition("\n")[0]
        yield fault(words, "is it up, are address, user and password in MAWID_DATABASE_URL right?")
        return
    yield from _judge_what_it_is(patient, found)
    yield from _judge_what_it_does(found)


def _judge_what_it_is(patient: Patient, found: Mapping[str, Any]) -> Iterator[Finding]:
    if found["version"] < OLDEST:
        yield fault(f"PostgreSQL is {found['version']}", f"upgrade it to {OLDEST} or newer (docs/runbook.md)")
    if found["standby"]:
        yield fault("the database only reads: it is a standby", "target_session_attrs=read-write in MAWID_DATABASE_URL")
    if off := [name for name in _KEEPS if found[name] == "off"]:
        yield fault(f"off: {', '.join(off)}: acknowledged requests are lost when the server falls", "turn it on")
    if found["encoding"] != "UTF8":
        yield fault(f"the database's encoding is {found['encoding']}", "make one with encoding 'UTF8', restore into it")
    if found["log"] != "terse":
        made = fault if patient.settings.environment is Environment.PRODUCTION else warning
        yield made("PostgreSQL's log would quote people's rows", "alter role … set log_error_verbosity = terse")
    need = patient.settings.workers * _A_PROCESS + _A_WORKER
    if found["connections"] < need:
        yield warning(
            f"PostgreSQL takes {found['connections']} connections, and this machine's processes may open {need}",
            f"raise max_connections above {need} for every machine, or put PgBouncer in front",
        )


def _judge_what_it_does(found: Mapping[str, Any]) -> Iterator[Finding]:
    if found["age"] > MOST_AGE:
        yield fault(
            f"no row was frozen for {found['age']} transactions", "let autovacuum run: VACUUM (FREEZE) as owner"
        )
    if found["longest"] > LONG:
        yield warning(
            f"a transaction is open for {found['longest'] / LONG:.0f} hours and keeps the database from cleaning up",
            "find it in pg_stat_activity, and end it: SELECT pg_terminate_backend(PROCESS)",
        )
    if found["slots"]:
        yield warning(
            f"{found['slots']} replication slots are used by nobody: WAL is kept for them until the disk is full",
            "start what reads them, or SELECT pg_drop_replication_slot(NAME)",
        )
    if found["archive"]:
        yield fault(
            "the archive of WAL stands still: the last file could not be kept",
            "see archive_command in the server's log; until then no point in time after it can be restored",
        )


def look_at_valkey(patient: Patient) -> Iterator[Finding]:
    """Find a server, or a node of a cluster, that does not answer or is too old."""
    try:
        with connect(patient.servers.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            version = min(int(told["version"].partition(".")[0]) for told in greetings(client))
    except Exception as error:  # noqa: BLE001 - sentinels and clusters have errors of their own
        words = str(error).partition("\n")[0]
        yield fault(
            f"Valkey does not do its part: {words}",
            "is it up, are address, user and password in MAWID_REDIS_URL right?",
        )
        return
    if version < OLDEST_VALKEY:
        yield fault(f"Valkey or Redis is {version}", f"upgrade it to {OLDEST_VALKEY} or newer")


def look_at_computing(patient: Patient) -> Iterator[Finding]:
    """Find machines that should compute and do not: then each process computes by itself, and takes longer."""
    if patient.settings.dask_address is None:
        return
    try:
        try_out(patient.settings)
    except ClusterLostError as error:
        yield warning(
            f"the machines that compute do not: {error}",
            "are scheduler and workers up, of this release, with certificates of MAWID_DASK_CA? (mawid computing try)",
        )
