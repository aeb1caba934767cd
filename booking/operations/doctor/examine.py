"""Examine an installation: from its settings to its rows, as far as it can be opened, without a change to anything."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import psycopg
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import SQLAlchemyError

from booking.country.core.core import Core
from booking.country.core.key_check import WrongSecretError
from booking.country.core.schema import SchemaError
from booking.country.packs.reading import PackError
from booking.opening import open_core
from booking.operations.doctor import kept, machine, rows, servers, work
from booking.operations.doctor.findings import PATIENCE, Check, Finding, Looked, Patient, Report, connection_of, fault
from booking.platform.base.clock import Clock
from booking.platform.base.outages import OUTAGES, in_one_line
from booking.platform.base.server_error import ServerError
from booking.platform.base.settings import Settings, SettingsError
from booking.platform.embedded import Servers, start_servers
from booking.platform.files.place import FilesAwayError
from booking.platform.languages.language import LanguageError

OUTSIDE: Final[Sequence[Check]] = (
    Check("settings", machine.look_at_settings),
    Check("disk", machine.look_at_disk),
    Check("certificates", machine.look_at_certificates),
    Check("certificate of the site", machine.look_at_site, slow=True),
    Check("place for files", machine.look_at_place),
    Check("database server", servers.look_at_database),
    Check("Valkey", servers.look_at_valkey),
    Check("machines that compute", servers.look_at_computing, slow=True),
)
"""What needs no database that answers."""
WITH_DATABASE: Final[Sequence[Check]] = (
    Check("clocks", machine.look_at_clocks),
    Check("clock of the beacon", machine.look_at_beacon, slow=True),
    Check("processes", machine.look_at_processes),
    Check("schema", kept.look_at_schema),
    Check("guards and indexes", kept.look_at_objects),
    Check("secret", kept.look_at_secret),
    Check("rights", kept.look_at_rights),
)
INSIDE: Final[Sequence[Check]] = (
    Check("country", kept.look_at_country),
    Check("worker and jobs", work.look_at_jobs),
    Check("queues", work.look_at_queues),
    Check("draws", work.look_at_draws),
    Check("backups", machine.look_at_backups),
    Check("places", rows.look_at_places),
    Check("lives of requests", rows.look_at_lives),
    Check("rows without their owner", rows.look_at_orphans, slow=True),
    Check("audit log", kept.look_at_audit, slow=True),
    Check("public log", kept.look_at_log, slow=True),
    Check("files", machine.look_at_files, slow=True),
)
"""What needs a core: a schema of this version, and its secret."""
OF_DATA: Final = frozenset(
    {"schema", "guards and indexes", "secret", "country", "places", "lives of requests", "rows without their owner"}
    | {"audit log", "public log", "files"}
)
"""Checks of what is kept, which hold for a copy too."""

CANNOT_OPEN: Final = (SettingsError, SchemaError, WrongSecretError, LanguageError, PackError, SQLAlchemyError)
_QUICK: Final = "a quick examination"


def examine(settings: Settings, *, quick: bool = False, clock: Clock | None = None) -> Report:
    """Look at all that can be looked at; a private server that is not running is started for as long as it takes.

    Parameters
    ----------
    quick
        Leave out what reads whole tables and folders, or asks somebody outside.
    clock
        The machine's, where none is given.
    """
    report = Report()
    try:
        with start_servers(settings) as running:
            examine_servers(report, settings, running, quick=quick, clock=clock)
    except ServerError as error:
        report.looked.append(Looked("private servers", findings=(_not_started(error),)))
    return report


def examine_copy(settings: Settings, copy: Servers, *, clock: Clock) -> Report:
    """Look at the data alone, of a database that was restored on trial: no worker runs on it, and nobody uses it.

    Parameters
    ----------
    settings
        With the folder of the copy's evidence, and those secrets.
    clock
        Tells when the copy was made.
    """
    report = Report()
    _look(report, [one for one in WITH_DATABASE if one.name in OF_DATA], Patient(settings, copy), quick=False)
    _open_and_look(report, [one for one in INSIDE if one.name in OF_DATA], Patient(settings, copy), clock, quick=False)
    return report


def examine_servers(
    report: Report, settings: Settings, running: Servers, *, quick: bool = False, clock: Clock | None = None
) -> None:
    """Add what these servers show to a report; see `examine`."""
    patient = Patient(settings, running)
    _look(report, OUTSIDE, patient, quick=quick)
    if not _answers(running):
        _leave_out(report, [*WITH_DATABASE, *INSIDE], "the database does not answer")
        return
    _look(report, WITH_DATABASE, patient, quick=quick)
    _open_and_look(report, INSIDE, patient, clock, quick=quick)


def _open_and_look(
    report: Report, checks: Sequence[Check], patient: Patient, clock: Clock | None, *, quick: bool
) -> None:
    try:
        with _reading_core(patient.settings, patient.servers, clock) as core:
            _look(report, checks, replace(patient, core=core), quick=quick)
    except CANNOT_OPEN as error:
        report.looked.append(Looked("start", findings=(fault(_words(error), "as it says; then examine again"),)))
        _leave_out(report, checks, "what stands above keeps Mawid from opening the database")


def _look(report: Report, checks: Sequence[Check], patient: Patient, *, quick: bool) -> None:
    for check in checks:
        if quick and check.slow:
            report.looked.append(Looked(check.name, why_not=_QUICK))
            continue
        began = time.monotonic()
        try:
            found = Looked(check.name, findings=tuple(check.look(patient)))
        except (*OUTAGES, SQLAlchemyError, psycopg.Error, OSError, FilesAwayError) as error:
            found = Looked(check.name, findings=(_broke_off(error),))
        report.looked.append(replace(found, seconds=time.monotonic() - began))


def _leave_out(report: Report, checks: Sequence[Check], why: str) -> None:
    report.looked += [Looked(check.name, why_not=why) for check in checks]


@contextmanager
def _reading_core(settings: Settings, running: Servers, clock: Clock | None) -> Iterator[Core]:
    """Open a core whose database connections refuse to write; a database that never started is not opened."""
    with connection_of(running.database_url) as connection:
        known = connection.execute("SELECT to_regclass('key_check') IS NOT NULL").fetchone()
        if known != (True,) or connection.execute("SELECT FROM key_check LIMIT 1").fetchone() is None:
            raise SchemaError("nothing was ever started on this database: `mawid migrate`, then `mawid catalogue load`")
    with open_core(
        settings, database_url=running.database_url, redis_url=running.redis_url, clock=clock, pool_size=1
    ) as core:
        engine = core.sessions.kw["bind"]
        engine.dispose()

        @event.listens_for(engine, "connect", insert=True)
        def only_read(connection: psycopg.Connection, _record: object) -> None:
            connection.read_only = True

        @event.listens_for(engine, "begin")
        def for_long(connection: Connection) -> None:
            connection.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": PATIENCE})

        yield core


def _answers(running: Servers) -> bool:
    try:
        with connection_of(running.database_url):
            return True
    except psycopg.Error:
        return False


def _words(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _not_started(error: ServerError) -> Finding:
    return fault(str(error), "docs/runbook.md, “When it does not start”")


def _broke_off(error: BaseException) -> Finding:
    words = in_one_line(error) if isinstance(error, OUTAGES) else f"{type(error).__name__}: {_words(error)}"
    return fault(f"the look broke off: {words}", "mend what is found above, then examine again")
