"""A base backup and the archive of the log lead to any instant between them, as the runbook says."""

import shutil
import subprocess

import psycopg
import pytest
from sqlalchemy import text
from typing_extensions import override

from booking.country.core import audit
from booking.country.core.roles import migrate_and_grant
from booking.opening import open_core
from booking.operations.doctor.examine import examine_copy
from booking.platform.base.clock import SystemClock
from booking.platform.embedded import EmbeddedPostgres, Servers, roles
from booking.platform.embedded.process import as_someone, changes_owner
from tests.support.country import cheap_settings
from tests.support.waiting import eventually


class Archiving(EmbeddedPostgres):
    """A server that keeps its log in a folder beside its data."""

    @property
    def archive(self):
        return self.folder.parent / "archive"

    @override
    def _command(self):
        options = {
            "archive_mode": "on",
            "archive_command": f"cp %p {self.archive}/%f.part && mv {self.archive}/%f.part {self.archive}/%f",
            "wal_level": "replica",
        }
        return [*super()._command(), *(word for name, value in options.items() for word in ("-c", f"{name}={value}"))]


def servers(postgres):
    app, owner, reader = map(postgres.url_of, (roles.APP, roles.OWNER, roles.READER))
    return Servers(app, "unix:///nowhere", owner, reader)


def write(core, subject):
    with core.sessions.begin() as session:
        audit.append(session, at=core.clock.now(), actor="system", action="tried", subject=subject)


def wait_for_archive(postgres):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        (file,) = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
        connection.execute("SELECT pg_switch_wal()")
    eventually((postgres.archive / file).exists, what=f"{file} is not archived")


def wait_for_promotion(postgres):
    def is_promoted():
        with psycopg.connect(postgres.dsn) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)

    eventually(is_promoted, what="the restored server does not leave its recovery")


@pytest.mark.slow
@pytest.mark.skipif(changes_owner(as_someone()), reason="PostgreSQL runs as another user, who cannot write here")
def test_a_database_goes_back_to_the_instant_before_a_mistake(tmp_path):
    settings, base = cheap_settings(evidence_dir=tmp_path / "evidence", database_pooled=False), tmp_path / "base"
    with Archiving(tmp_path / "a" / "postgresql", durable=False) as first:
        first.archive.mkdir()
        migrate_and_grant(servers(first))
        with open_core(settings, database_url=servers(first).database_url, redis_url="unix:///nowhere") as core:
            write(core, "before the base")
            program = first._programs() / "pg_basebackup"
            command = [program, f"--dbname={first.dsn}", f"--pgdata={base}", "--checkpoint=fast", "--wal-method=stream"]
            subprocess.run(command, check=True, capture_output=True)
            write(core, "after the base")
            with core.sessions() as session:
                instant = session.scalar(text("SELECT clock_timestamp()"))
            write(core, "a mistake")
        wait_for_archive(first)

    (tmp_path / "b" / "postgresql").mkdir(parents=True)
    shutil.copytree(base, tmp_path / "b" / "postgresql" / "data")
    data = tmp_path / "b" / "postgresql" / "data"
    data.chmod(0o700)
    (data / "recovery.signal").touch()
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write(
            f"restore_command = 'cp {first.archive}/%f %p'\nrecovery_target_time = '{instant.isoformat()}'\n"
            "recovery_target_action = 'promote'\n"
        )
    with EmbeddedPostgres(tmp_path / "b" / "postgresql", durable=False) as again:
        wait_for_promotion(again)
        with psycopg.connect(again.dsn) as connection:
            kept = connection.execute("SELECT subject FROM audit_entry ORDER BY sequence").fetchall()
        report = examine_copy(settings, servers(again), clock=SystemClock())

    assert kept == [("before the base",), ("after the base",)]
    assert report.faults == []
